"""What can be said about the reference implementation without the conformance suite."""
