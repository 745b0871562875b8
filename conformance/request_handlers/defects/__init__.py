"""Ways to get request handlers wrong, by the nouns of the area's test modules."""
