"""Servers with a mix-in: requests are handled at once."""

from conformance.ordering import behaviours
from conformance.servers import CONCURRENT, FORKING, THREADING, USER_BUILT
from conformance.visitors import visitors
from harness.checks.overlap import never_overlapping
from harness.marks import each_server, requirement


def built_with(concurrency):
    """Return the classes that a user would build with the mix-in for *concurrency*."""
    return tuple(each for each in USER_BUILT if each.concurrency == concurrency)


@requirement("ordering.threads-overlap")
@each_server(THREADING + built_with("threads"))
def test_requests_in_threads_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


@requirement("ordering.processes-overlap")
@each_server(FORKING + built_with("processes"))
def test_requests_in_processes_are_handled_at_once(serve, server_class):
    assert handling_at_once(serve, server_class) == []


def handling_at_once(serve, server_class):
    """Return what prevents three requests from being handled at once."""
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 3)
    server.comes("handler.enter", count=3)
    return never_overlapping(server.history(), at_least=3)


@requirement("ordering.slow-request-delays-no-other")
@each_server(CONCURRENT)
def test_requests_are_completed_while_a_slow_one_is_at_work(serve, server_class):
    server = serve(server_class, behaviours.answer, probes=("shutdown_request",))
    visitors(server, server_class, 1, b"slow\n")
    server.wait_for("gate.wait")

    visitors(server, server_class, 2, b"quick\n")
    server.comes("hook.exit", count=2, name="shutdown_request")

    history = server.history()
    assert history.first("gate.pass") is None
    assert len(history.of("hook.exit", name="shutdown_request")) == 2
