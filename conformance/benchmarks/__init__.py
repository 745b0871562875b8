"""How fast a candidate is, beside others and beside what is possible; never whether it is right."""
