"""Start a nursery for a candidate, and ask it for hosts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
import threading
import uuid
from array import array
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psutil

from harness import processes
from harness.candidates import Candidate, Facts, interpreter_command, load_settings
from harness.outcomes import HarnessError

START_PATIENCE = 30.0  # seconds until a nursery, whose candidate has been loaded before, must be ready

# The candidate is loaded before anything else is imported: some must patch what others import.
_LOAD = "settings = json.loads(arguments[0]); candidate = settings and loading.load(settings); "
_NURSERY = _LOAD + "from harness.host import nursery; nursery.main(int(arguments[1]), candidate)"
_FRESH_HOST = (
    _LOAD + "from harness.host import hosting;"
    " hosting.main(json.loads(arguments[1]), json.loads(arguments[2]), candidate)"
)


@dataclass
class Birth:
    """A host that a nursery has started; `status` is its wait status once it has died."""

    pid: int
    status: int | None = None
    died: threading.Event = field(default_factory=threading.Event)


class Nursery:
    """The warm process of one candidate, started when first needed and again if a candidate kills it."""

    def __init__(self, candidate: Candidate, *, fresh: bool = False) -> None:
        self._candidate = candidate
        self._wants_fresh = fresh or candidate.before is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._mark = uuid.uuid4().hex
        self._births: dict[int, Birth] = {}
        self._announced = threading.Condition()
        self._last: dict[str, Any] | None = None
        self._listener: threading.Thread | None = None

    @property
    def facts(self) -> Facts:
        """What is known of the candidate."""
        return self._candidate.facts

    @property
    def start(self) -> str:
        """How hosts start: "fork" from the warm process, or "exec" of a fresh interpreter."""
        return "exec" if self.fresh else "fork"

    @property
    def fresh(self) -> bool:
        """Whether each host is a fresh interpreter: by option, or because forking the candidate is not safe."""
        return self._wants_fresh or self._candidate.facts.threads > 1

    def bear(self, request: dict[str, Any], descriptors: list[int]) -> Birth:
        """Start a host that gets *descriptors*; HarnessError when the nursery cannot do it."""
        for _ in range(2):
            self._ensure_started()
            whole = {
                **request,
                "fresh": self.fresh,
                "settings": self._settings(),
                "command": interpreter_command(self._candidate, _FRESH_HOST, json.dumps(self._settings())),
            }
            answer = self._ask(whole, descriptors)
            if answer is not None:
                return answer
            self.close()  # a former candidate may have killed it; try once with a new one
        raise HarnessError(f"the nursery of {self._candidate.name} does not start hosts")

    def _settings(self) -> dict[str, Any] | None:
        """Return how to load the candidate; None in the preflight, which needs none."""
        return load_settings(self._candidate) if self._candidate.kind != "none" else None

    def _ensure_started(self) -> None:
        if self._process is None:
            self._launch()

    def _launch(self) -> None:
        ours, theirs = socket.socketpair()
        settings = None if self.fresh else self._settings()
        command = interpreter_command(self._candidate, _NURSERY, json.dumps(settings), str(theirs.fileno()))
        environment = {**os.environ, processes.MARK: self._mark}
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the nursery
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._complaints,
            env=environment,
            start_new_session=True,
        )
        theirs.close()
        self._connection = ours
        self._last = None
        self._listener = threading.Thread(target=self._listen, args=(ours, self._process), name="nursery", daemon=True)
        self._listener.start()
        ready = self._next_announcement()
        if ready is None:
            complaint = self._last_complaint()
            self.close()
            raise HarnessError(f"the nursery of {self._candidate.name} did not start: {complaint}")

    def _last_complaint(self) -> str:
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[-1] if lines else "it did not say why"

    def _ask(self, request: dict[str, Any], descriptors: list[int]) -> Birth | None:
        assert self._connection is not None
        self._last = None
        line = json.dumps(request).encode("ascii") + b"\n"
        try:
            sent = self._connection.sendmsg([line], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", descriptors))])
            self._connection.sendall(line[sent:])
        except OSError:
            return None
        announced = self._next_announcement()
        return None if announced is None else announced["birth"]

    def _next_announcement(self) -> dict[str, Any] | None:
        with self._announced:
            self._announced.wait_for(lambda: self._last is not None, timeout=START_PATIENCE)
            return self._last or None

    def _listen(self, connection: socket.socket, process: subprocess.Popen[bytes]) -> None:
        with suppress(OSError), connection.makefile("rb") as lines:
            for line in lines:
                self._hear(json.loads(line))
        with self._announced:
            self._last = self._last or {}
            self._announced.notify_all()
        with suppress(subprocess.TimeoutExpired):
            process.wait(processes.KILLING_TAKES)  # from then on its hosts are children of ours
        for birth in self._births.values():
            birth.died.set()  # nobody is left to tell us more
        self._births.clear()

    def _hear(self, message: dict[str, Any]) -> None:
        if "died" in message:
            birth = self._births.pop(message["died"], None)
            if birth is not None:
                birth.status = message["status"]
                birth.died.set()
            return
        with self._announced:
            if "born" in message:
                birth = Birth(message["born"])
                self._births[birth.pid] = birth
                message = {"birth": birth}
            self._last = message
            self._announced.notify_all()

    def brood(self) -> list[psutil.Process]:
        """Return every living process that came from this nursery, whoever its parent is now."""
        if self._process is None:
            return []
        if self._process.poll() is None:
            return processes.descendants(self._process.pid)
        return processes.marked(self._mark)

    def pids(self) -> list[int]:
        """Return the numbers of the same processes; one that ends meanwhile, or its sibling, may be missing."""
        if self._process is None or self._process.poll() is not None:
            return [process.pid for process in self.brood()]
        return processes.family(self._process.pid)

    def close(self) -> None:
        """End the nursery and whatever is left of its hosts."""
        if self._process is None:
            return
        processes.end(self.brood())
        self._process.kill()
        self._process.wait()
        processes.end(processes.marked(self._mark))
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()
        if self._listener is not None:
            self._listener.join()  # what it says at its end must not be taken for news of the next nursery
        self._complaints.close()
        self._process = self._connection = None
