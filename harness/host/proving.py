"""What a host does in the preflight, to prove that the harness sees it."""

import os
import threading
from typing import Any

from harness.host.stage import Stage


def hold_and_record(stage: Stage) -> None:
    """Wait at a gate, and say that we passed."""
    stage.wait("hold")
    stage.record("preflight.passed")


def open_a_pipe(stage: Stage) -> None:
    """Open two descriptors and keep them."""
    os.pipe()


def see_a_visit(visit: "Any") -> None:
    """Handle a request by saying so."""
    visit.record("visit.seen")


def leave_a_child(stage: Stage) -> None:
    """Fork a child that leaves the process group and never ends by itself."""
    if os.fork() == 0:
        os.setsid()
        threading.Event().wait()
