"""Ways to get the sockets wrong."""
