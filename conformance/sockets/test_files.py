"""The files of Unix servers: made, left, and removed."""

import pytest

from conformance.servers import SYNCHRONOUS, UNIX
from conformance.sockets.behaviours import files, peers
from harness.marks import each_server, requirement

NAMES = [each.name for each in UNIX]
UNIX_STREAM = tuple(each for each in UNIX if each.transport == "stream")


@requirement("sockets.unix-file-stays")
@pytest.mark.parametrize("reuse", [False, True], ids=["plain", "reuse"])
def test_the_file_of_a_closed_server_is_in_the_way(host, reuse):
    found = host.call(files.file_of_a_server, NAMES, reuse)

    assert found == {name: {"made": True, "left": True, "second": "EADDRINUSE"} for name in found}


@requirement("sockets.failed-construction-leaves-no-file")
@pytest.mark.parametrize("step", ["server_bind", "server_activate"])
def test_a_constructor_that_fails_removes_the_file(host, step):
    found = host.call(files.files_after_failures, NAMES, step)

    assert found == {name: [True, False] for name in found}


@requirement("sockets.removed-file-keeps-who-waits")
@each_server([each for each in UNIX_STREAM if each in SYNCHRONOUS or each.concurrency == "threads"])
def test_who_waits_is_served_though_the_file_is_gone(host, serve, server_class):
    server = serve(server_class, peers.do_nothing, loop=False)
    clients = [server.connect() for _ in range(2)]

    host.call(files.remove)
    newcomer = server.connect()
    for _ in clients:
        server.call("handle_request")

    ends = [client.receive() for client in clients]
    assert {"newcomer": newcomer.connected, "ends": ends} == {"newcomer": False, "ends": [b"", b""]}
    assert {event.client for event in server.history().of("handler.enter")} == {client.name for client in clients}
