"""Ways to get the order wrong."""
