"""Loads well, and has nothing to do with servers."""

ANSWER = 42
