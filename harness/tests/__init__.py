"""The harness on trial; most of it needs no candidate."""
