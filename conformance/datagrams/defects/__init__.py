"""Ways to get datagrams wrong."""
