"""What hosts run for benchmarks: the servers of candidates, and others that do the same work without them."""
