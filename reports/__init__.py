"""From records to pages that people read.

This package knows records (`run-record.schema.json`, `benchmark-record.schema.json`) and nothing
else.  It imports neither the harness nor the conformance tests, so that a record can be rendered
where the suite has never run.

    whole.py         parse a record, and refuse a file that is not a whole one
    records.py       read a run record; verdicts.py: what its verdicts say about a candidate
    conformance.py   run records -> one table of requirements x candidates, as values
    renderers/       a table -> text; one file a format

    benchmark_records.py    read a benchmark record; benchmark_verdicts.py: what its verdicts claim
    benchmark_tables.py     benchmark records -> one table of measurements x rows, as values
    benchmark_cells.py      what one row has to say about one measurement
    benchmark_pictures.py   a measurement -> plots; plots.py and axes.py draw them
    benchmark_summary.py    a benchmark table -> JSON

    delivery.py      what the commands have in common: places to write to, one line if it cannot be done
"""
