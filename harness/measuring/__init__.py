"""Figures for benchmarks: taking samples of several candidates in turn, and saying what they show."""
