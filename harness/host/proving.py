"""What a host does in the preflight, to prove that the harness sees it."""

import os
import threading


def hold_and_record(stage):
    """Wait at a gate, and say that we passed."""
    stage.wait("hold")
    stage.record("preflight.passed")


def open_a_pipe(stage):
    """Open two descriptors and keep them."""
    os.pipe()


def leave_a_child(stage):
    """Fork a child that leaves the process group and never ends by itself."""
    if os.fork() == 0:
        os.setsid()
        threading.Event().wait()
