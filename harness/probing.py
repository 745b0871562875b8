"""Run a probe: a process that imports a candidate once, whatever that import may do.

It gets nothing to read, its output is read and dropped so that it never blocks, and its report
comes in a file, so that no process that it leaves behind can hold the answer back.  Whatever it
leaves behind is killed.
"""

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import uuid
from contextlib import suppress
from typing import IO, Any

from harness import processes
from harness.host.loading import EXIT_REPORT_CLOSED
from harness.interpreters import CandidateError

_LAST_OUTPUT = 4096  # bytes of the probe's stderr that are kept
_LONGEST_LINE = 200  # characters of its last line that are quoted


class Patience:
    """One deadline for several probes of the same candidate; *seconds* from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left, never less than 0."""
        return max(0.0, self._ends - time.monotonic())


def probe(command: list[str], patience: Patience) -> dict[str, Any]:
    """Run *command*, which gets a descriptor for its report as last argument; return the report.

    Raises CandidateError when the process ends without a report, or not in time.
    """
    mark = uuid.uuid4().hex
    with tempfile.TemporaryFile() as report_file:
        descriptor = report_file.fileno()
        with subprocess.Popen(
            [*command, str(descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=[descriptor],
            env={**os.environ, processes.MARK: mark},
            start_new_session=True,
        ) as process:
            assert process.stderr is not None
            output = _LastOutput(process.stderr)
            try:
                status = _status(process, patience)
            finally:
                _end(process, mark)
                output.join(processes.KILLING_TAKES)
        report_file.seek(0)
        return _report(report_file.read(), _death(status, patience) + output.quoted())


def _status(process: subprocess.Popen[bytes], patience: Patience) -> int | None:
    try:
        return process.wait(patience.left())
    except subprocess.TimeoutExpired:
        return None


def _end(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kill the process group of the probe, and what has left the group, and collect them."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    processes.end(processes.marked(mark))


def _report(written: bytes, death: str) -> dict[str, Any]:
    """Read the last line: the candidate may have written before, to a descriptor not its own."""
    with suppress(ValueError):
        report = json.loads((written.splitlines() or [b""])[-1])
        if isinstance(report, dict):
            return report
    raise CandidateError(death)


def _death(status: int | None, patience: Patience) -> str:
    if status is None:
        return f"importing it did not finish within {patience.seconds:g} s"
    if status == EXIT_REPORT_CLOSED:
        return "importing it closed descriptors that it had not opened"
    if status < 0:
        return f"importing it killed the process with {_signal_name(-status)}"
    return f"importing it ended the process with exit code {status}"


def _signal_name(number: int) -> str:
    known = {sign.value: sign.name for sign in signal.Signals}
    return known.get(number, f"signal {number}")


class _LastOutput:
    """Read a stream to its end in a thread of its own, and keep only the last of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._thread = threading.Thread(target=self._read, name="probe output", daemon=True)
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait for the end of the stream."""
        self._thread.join(seconds)

    def quoted(self) -> str:
        """Return the last line as part of a message, or nothing."""
        lines = self._kept.decode("utf-8", "replace").strip().splitlines()
        return f"; its last words: {lines[-1].strip()[:_LONGEST_LINE]}" if lines else ""

    def _read(self) -> None:
        descriptor = self._stream.fileno()
        with suppress(OSError):  # closed here, because a process that cannot be killed holds the other end
            while piece := os.read(descriptor, 65536):
                self._kept = (self._kept + piece)[-_LAST_OUTPUT:]
