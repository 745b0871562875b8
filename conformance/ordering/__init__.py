"""The order in which requests are taken in, handled and completed, and which of them may be at work simultaneously."""
