"""Servers whose descriptor is no ordinary one, or is forgotten."""

import sys

import pytest

from conformance.servers import ALL, SYNCHRONOUS, SYNCHRONOUS_STREAM
from conformance.sockets.behaviours import descriptors
from harness.marks import requirement


@requirement("sockets.fileno-decides-what-is-watched")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
def test_a_server_whose_fileno_is_a_pipe_waits_for_the_pipe(host, way):
    seen = host.call(descriptors.serve_from_a_pipe, [each.name for each in SYNCHRONOUS], way)

    assert seen == {name: {"before": [], "after": [b"!"]} for name in seen}


@requirement("sockets.server-may-be-a-client")
def test_a_server_can_serve_whom_it_has_called(host):
    seen = host.call(descriptors.serve_as_a_client, [each.name for each in SYNCHRONOUS_STREAM])

    assert seen == {name: [b"question", b"answer"] for name in seen}


@requirement("sockets.dropped-server-is-released")
@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_server_that_is_dropped_leaves_as_little_as_a_socket(host):
    left = host.call(descriptors.drop, [each.name for each in ALL])

    assert left == dict.fromkeys(left, left["a socket"])
