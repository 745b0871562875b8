"""Requests in threads: whose thread does what, what the threads share, and what becomes of them."""
