"""Tests of the reports: run records in, pages out."""
