"""What comes first: the order in which requests are taken in, handled and completed, and which may be at work at once."""
