"""From run records to pages that people read.

This package knows run records (`run-record.schema.json`) and nothing else.  It imports neither the
harness nor the conformance tests, so that a record can be rendered where the suite has never run.

    records.py       read a run record, and refuse one that is not whole
    verdicts.py      the verdicts, their order, and what each says about a candidate
    conformance.py   records -> one table of requirements x candidates, as values
    renderers/       that table -> text; one file a format
"""
