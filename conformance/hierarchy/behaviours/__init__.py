"""What the host runs for this area, by the nouns of its test modules."""
