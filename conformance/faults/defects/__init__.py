"""Ways to be at the mercy of the surroundings, by the nouns of the test modules of this area."""
