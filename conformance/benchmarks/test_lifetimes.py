"""What a server costs before its first request, between two, and after its last."""

import pytest

from conformance.benchmarks.behaviours import candidates
from conformance.servers import INET_STREAM, INET_STREAM_IN_ONE_PROCESS, SYNCHRONOUS
from harness.marks import each_server, scenario

QUIET = 1.0  # seconds
SETTLED = 0.02  # seconds
CONSTRUCTIONS = 50


@scenario("construct-bind-close", beside=["floor"], quick={"server_class": ["TCPServer"]})
@each_server(SYNCHRONOUS)
def test_constructing_and_closing(scene, row, server_class):
    """Building a server, which binds it, and closing it."""

    def prepare(site):
        host = site.host()
        arguments = site.described(server_class), CONSTRUCTIONS
        return lambda: host.call(site.reference(candidates, "construct_and_close"), *arguments)

    scene.figure(prepare, "time for a server")


@scenario("shutdown", beside=["floor"], quick={"server_class": ["TCPServer"]})
@each_server(INET_STREAM_IN_ONE_PROCESS)
def test_shutting_down(scene, row, server_class):
    """shutdown() of a server that has just begun to wait, with the poll interval that it has by default."""

    def course(site):
        host = site.host()
        host.call(site.reference(candidates, "begin_to_serve"), site.described(server_class))
        yield SETTLED
        stopping = host.start(site.reference(candidates, "shut_down"))
        yield 0
        return stopping.wait()

    scene.together(course, "time until the loop has ended", resolution=0.0001)


@scenario("idle", load="{what} in a quiet second", beside=["floor"], quick={"what": ["wake-ups"]})
@pytest.mark.parametrize("what", ["wake-ups", "processor time"])
@each_server([each for each in INET_STREAM if each in SYNCHRONOUS])
def test_idling(scene, row, server_class, what):
    """What a server does while nobody wants anything from it for a second."""

    def course(site):
        host = site.host()
        host.call(site.reference(candidates, "begin_to_serve"), site.described(server_class))
        yield SETTLED
        before = site.activity()
        yield QUIET
        after = site.activity()
        return (after.wake_ups - before.wake_ups) / QUIET if what == "wake-ups" else after.seconds - before.seconds

    if what == "wake-ups":
        scene.together(course, "wake-ups", "wake-ups/s", resolution=0.5)
    else:
        scene.together(course, "processor time", resolution=0.00002)


@scenario("import", beside=["floor"])
def test_importing(scene, row):
    """Importing the module in an interpreter that has just been started, with whatever it imports in turn."""
    scene.figure(lambda site: site.import_seconds, "time for the import", turns=2)
