"""The measuring on trial: with figures that are known, and servers that are as simple as possible."""
