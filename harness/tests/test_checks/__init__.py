"""Each check on a right history, a wrong one, and one that proves nothing."""
