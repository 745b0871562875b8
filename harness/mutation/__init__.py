"""Change a candidate in one small place after the other, and see whether the suite notices.

``python -m harness.mutation`` does so with the reference implementation; ``docs/mutation.md`` tells what came of it.

    mutants.py   source text -> its mutants; pure
    plugin.py    the part of pytest that makes checks against mutants until one does not pass
    __main__.py  write the mutants, share them out among processes, put the results together
"""
