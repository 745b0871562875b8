"""Ways to get the hierarchy wrong, by the nouns of the test modules."""
