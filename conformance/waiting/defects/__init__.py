"""Ways to get the waiting wrong."""
