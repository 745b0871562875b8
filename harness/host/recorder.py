"""Write what happened: one event, one atomic write.

A write of at most ``PIPE_BUF`` bytes to a pipe is never torn and never mixed with another (POSIX, write()), so threads,
green threads and forked children need no lock to report through the same descriptor; the order of the lines in the
pipe is the one order of all events.  No lock also means that nothing can be left locked by a fork.

The functions used are bound when this file is imported, before the candidate has had a chance to replace them.
"""

import json
import os
import select
import threading
import time

LONGEST_LINE = min(getattr(select, "PIPE_BUF", 512), 4096)

_dumps = json.dumps
_getpid = os.getpid
_monotonic = time.monotonic
_write = os.write
_main_thread = threading.main_thread().ident


class Recorder:
    """Writes events to *descriptor*, the write end of a pipe."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def record(self, kind: str, **details: object) -> None:
        """Write one event of *kind*; raise ValueError when its details do not fit into one atomic write."""
        thread = threading.get_ident()
        name = "main" if thread == _main_thread else str(thread)
        line = _dumps([kind, _monotonic(), _getpid(), name, details]).encode("ascii") + b"\n"
        if len(line) > LONGEST_LINE:
            raise ValueError(
                "event %s is %d bytes long, at most %d fit into one atomic write" % (kind, len(line), LONGEST_LINE)
            )
        _write(self.descriptor, line)


def excerpt(data: bytes, most: int = 256) -> str:
    """Return *data* (bytes) as text for an event: latin-1, cut to *most* characters."""
    return bytes(data[:most]).decode("latin-1")
