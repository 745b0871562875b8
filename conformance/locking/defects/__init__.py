"""Ways to get threads and what they share wrong."""
