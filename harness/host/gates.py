"""Points where code in the host waits until the test lets it go on.

A gate is the read end of a pipe.  Each byte that the test writes lets one waiter pass; when the test ends, or its
process dies, the write end closes and everybody passes.  Waiters poll before they read, through whatever ``select``
offers at that moment, so that a green thread waits without stopping its siblings.
"""

import os
import select
from typing import Callable


class Gates:
    """The gates of one test, by name."""

    def __init__(self, descriptors: "dict[str, int]", record: "Callable[..., None]") -> None:
        self._descriptors = descriptors
        self._record = record
        for descriptor in descriptors.values():
            os.set_blocking(descriptor, False)

    def wait(self, name: str) -> bool:
        """Wait until the test opens gate *name*; return True when a byte let us pass, False when the test is over."""
        self._record("gate.wait", gate=name)
        let_through = _take_one(self._descriptors[name])
        self._record("gate.pass", gate=name, open=not let_through)
        return let_through


def _take_one(descriptor: int) -> bool:
    while True:
        select.select([descriptor], [], [])
        try:
            return os.read(descriptor, 1) != b""
        except BlockingIOError:
            continue  # another waiter was faster
