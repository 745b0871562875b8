"""Ways to get the isolation wrong."""
