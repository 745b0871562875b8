"""How the tests of this area let requests come to different ends, and let a server take them in."""

from typing import Any

import pytest

from conformance.ordering import behaviours
from harness.hosts import Call
from harness.running import RunningServer

WAYS = pytest.mark.parametrize("way", ["serve_forever", "handle_request"])


def with_fates(fates: list[str]) -> dict[str, Any]:
    """Return what a server needs whose requests have these *fates*: polite, failing, refused or interrupted.

    For a server whose handlers are `behaviours.meet_fate`.  One client may make several requests if the server
    handles one after another.
    """
    return {
        "loop": False,
        "verify_request": behaviours.tell_fate,
        "handle_error": behaviours.keep_silent,
        "fates": fates,
        "fate_of": {},
        "taken": 0,
    }


def take_in(server: RunningServer, way: str, count: int) -> Call:
    """Start to take in *count* requests in one way or the other, in a thread that goes on when it is interrupted."""
    if way == "serve_forever":
        return server.host.start(behaviours.serve_until_stopped, name=way)
    return server.host.start(behaviours.handle_each, count, name=way)
