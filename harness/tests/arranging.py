"""What the tests of hosts begin with: a candidate that needs no probe."""

from __future__ import annotations

from harness.candidates import Candidate, Facts
from harness.host import loading
from harness.interpreters import Interpreter

PATIENCE = 20.0  # seconds for all hosts of a test, on a machine that has other things to do


def facts_of(version: str, implementation: str = "CPython") -> Facts:
    """Return what a probe would see with an interpreter of *version*."""
    return Facts(
        version=version,
        full_version=version,
        implementation=implementation,
        implementation_version=version,
        platform="linux",
        gil=True,
        threads=1,
        threads_before=1,
        file=None,
        classes=loading.CLASSES,
    )


def stdlib_of(interpreter: Interpreter) -> Candidate:
    """Return the standard library's module of *interpreter* as a candidate, without a probe."""
    return Candidate(
        name=f"stdlib@{interpreter}",
        kind="module",
        target="socketserver",
        paths=(),
        before=None,
        site=False,
        interpreter=interpreter.executable,
        deviations=None,
        facts=facts_of(".".join(map(str, interpreter.version)), interpreter.implementation),
    )
