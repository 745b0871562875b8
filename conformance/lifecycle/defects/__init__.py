"""Ways to get the life of a server wrong, by the nouns of the area's test modules."""
