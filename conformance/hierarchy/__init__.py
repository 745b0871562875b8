"""What there is and how it fits together: names, inheritance, signatures, defaults, ways to override."""
