"""Datagrams: what arrives, as what, how often, in which order, and where replies go."""
