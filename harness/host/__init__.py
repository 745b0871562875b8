"""What runs in the candidate's process: standard library only, Python 3.6 syntax.

Empty on purpose: it is imported before the candidate.
"""
