"""How a candidate is run, watched and judged.

Empty on purpose: other interpreters pass through it.
"""
