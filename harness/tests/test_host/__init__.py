"""Tests of what runs in the candidate's process; the host imports `acts` from here."""
