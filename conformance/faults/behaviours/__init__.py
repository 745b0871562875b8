"""What the host runs for this area."""
