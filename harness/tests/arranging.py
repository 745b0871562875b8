"""What the tests of hosts begin with: a candidate that needs no probe."""

from __future__ import annotations

from harness.candidates import Candidate, Facts
from harness.host import loading
from harness.interpreters import Interpreter

PATIENCE = 20.0  # seconds for all hosts of a test, on a machine that has other things to do


def stdlib_of(interpreter: Interpreter) -> Candidate:
    """Return the standard library's module of *interpreter* as a candidate, without a probe."""
    facts = Facts(
        version=".".join(map(str, interpreter.version)),
        implementation=interpreter.implementation,
        platform="linux",
        gil=True,
        threads=1,
        threads_before=1,
        file=None,
        classes=loading.CLASSES,
    )
    return Candidate(
        name=f"stdlib@{interpreter}",
        kind="module",
        target="socketserver",
        paths=(),
        before=None,
        site=False,
        interpreter=interpreter.executable,
        deviations=None,
        facts=facts,
    )
