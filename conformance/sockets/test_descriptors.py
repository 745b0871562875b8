"""Servers whose descriptor is no ordinary one, or is forgotten."""

import sys

import pytest

from conformance.servers import ALL, CONCURRENT_INET_STREAM, STREAM, SYNCHRONOUS, SYNCHRONOUS_STREAM
from conformance.sockets.behaviours import descriptors
from harness.marks import each_server, requirement

PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits


@requirement("sockets.fileno-decides-what-is-watched")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
def test_a_server_whose_fileno_is_a_pipe_waits_for_the_pipe(host, way):
    seen = host.call(descriptors.serve_from_a_pipe, [each.name for each in SYNCHRONOUS], way)

    assert seen == {name: {"before": [], "after": [b"!"]} for name in seen}


@requirement("sockets.server-may-be-a-client")
def test_a_server_can_serve_whom_it_has_called(host):
    seen = host.call(descriptors.serve_as_a_client, [each.name for each in SYNCHRONOUS_STREAM])

    assert seen == {name: [b"question", b"answer"] for name in seen}


@requirement("sockets.server-may-be-a-client")
@each_server(SYNCHRONOUS_STREAM)
def test_a_server_waits_for_what_the_one_that_it_has_called_says_late(host, server_class):
    serving = host.start(descriptors.hear_someone_out, server_class.name)
    waits = serving.is_blocked(PATIENCE)
    host.call(descriptors.say_the_rest)

    assert (waits, serving.wait()) == (True, [b"first", b"second"])


@requirement("sockets.listener-may-be-wrapped")
@each_server(STREAM)
def test_a_server_takes_connections_from_what_passes_everything_on_to_its_socket(host, serve, server_class):
    server = serve(server_class, descriptors.answer, loop=False)
    host.call(descriptors.wrap_listener, "passing on")
    server.serve()

    assert server.connect().read_all() == b"answer"


@requirement("sockets.listener-may-be-bare")
@each_server(STREAM)
def test_a_server_takes_connections_from_what_has_little_of_a_socket(host, serve, server_class):
    server = serve(server_class, descriptors.answer, loop=False)
    host.call(descriptors.wrap_listener, "bare")
    server.serve()

    assert server.connect().read_all() == b"answer"


@requirement("sockets.closed-server-leaves-no-warning")
def test_a_server_that_was_closed_leaves_nothing_to_warn_of(host):
    warned = host.call(descriptors.serve_and_close, [each.name for each in SYNCHRONOUS + CONCURRENT_INET_STREAM])

    assert warned == {name: [] for name in warned}


@requirement("sockets.dropped-server-is-released")
@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_a_server_that_is_dropped_leaves_as_little_as_a_socket(host):
    left = host.call(descriptors.drop, [each.name for each in ALL])

    assert left == dict.fromkeys(left, left.get("a socket"))
