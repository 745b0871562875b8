"""A process for each request: what stays in it, how many there are, and what becomes of them."""
