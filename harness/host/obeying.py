"""The host's main loop: obey the test, one command a line, until it says leave or hangs up.

Each command calls one function with the stage.  It runs in the main thread, or in a thread of its own when the test
wants to go on meanwhile.  The host has no opinion about right and wrong: it does as told and reports what came of it.
"""

import json
import os
import threading
from socket import socket
from typing import Any, Iterator

from harness.host import stage as staging
from harness.host import wire

CAME_BACK = 70  # exit status of a forked child that returned into the host


class Obeying:
    """Takes commands from *control* (a connected socket) and answers on it."""

    def __init__(self, stage: staging.Stage, control: socket) -> None:
        self._stage = stage
        self._control = control
        self._answering = threading.Lock()  # one answer at a time on the control socket

    def until_told_to_leave(self) -> bool:
        """Obey until the test says leave (return True) or its end of the socket closes (return False)."""
        for line in _lines(self._control):
            command = json.loads(line)
            if command["function"] == "leave":
                self._stage.record("host.leave")
                return True
            if command["thread"]:
                self._stage.start(self._perform, command)
            else:
                self._perform(command)
        return False

    def _perform(self, command: "dict[str, Any]") -> None:
        number, name = command["number"], command["name"]
        self._stage.record("call.enter", call=number, name=name, tid=_native_thread())
        try:
            function = staging.resolve(command["function"])
            arguments = wire.decode(command["arguments"], staging.resolve)
            value = wire.encode(function(self._stage, *arguments))
        except BaseException as error:
            self._stop_a_child_that_came_back(name)
            self._stage.record("call.raise", call=number, name=name, error=type(error).__name__)
            self._answer({"number": number, "raised": wire.describe(error)})
            return
        self._stop_a_child_that_came_back(name)
        self._stage.record("call.return", call=number, name=name)
        self._answer({"number": number, "value": value})

    def _stop_a_child_that_came_back(self, name: str) -> None:
        if os.getpid() != self._stage.pid:
            self._stage.record("child.returned", name=name)
            os._exit(CAME_BACK)

    def _answer(self, answer: "dict[str, Any]") -> None:
        line = json.dumps(answer).encode("ascii") + b"\n"
        with self._answering:
            self._control.sendall(line)


def _lines(connection: socket) -> "Iterator[str]":
    rest = b""
    while True:
        chunk = connection.recv(65536)
        if not chunk:
            return
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode("ascii")


def _native_thread() -> "int | None":
    """Return the kernel's number of this thread, or None where /proc does not tell."""
    try:
        return int(os.readlink("/proc/thread-self").rpartition("/")[2])
    except OSError:
        return None
