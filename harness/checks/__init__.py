"""Judge a history: pure functions that know no socket, no clock and no candidate.

Each is named for what it finds and returns violations with the events that show them.  An empty
list means that the history proves it right; a history that proves nothing raises `Inconclusive`.
"""
