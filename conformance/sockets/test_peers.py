"""The clients of Unix servers."""

import os
import sys

import pytest

from conformance.servers import STREAM, UNIX
from conformance.sockets.behaviours import peers
from harness.marks import each_server, requirement

UNIX_STREAM = tuple(each for each in UNIX if each in STREAM)


@requirement("sockets.unix-peer-can-be-identified")
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the process")
@each_server(UNIX_STREAM)
def test_a_handler_knows_the_process_of_its_client(serve, server_class):
    server = serve(server_class, peers.report_process, loop=False)
    server.connect()

    server.call("handle_request")
    server.comes("process.seen")

    seen = [(event.details["process"], event.details["user"]) for event in server.history().of("process.seen")]
    assert seen == [(os.getpid(), os.getuid())]


@requirement("sockets.full-unix-queue-keeps-clients-waiting")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse who finds the queue full")
def test_who_finds_the_queue_full_waits_for_a_place(host, serve):
    server = serve("UnixStreamServer", peers.do_nothing, loop=False, request_queue_size=1)

    told = host.call(peers.fill_queue)
    connecting = host.start(peers.connect_one_that_waits)
    waited = connecting.is_blocked(patience=0.05)
    server.call("handle_request")
    connecting.wait()

    assert {"told": told, "waited": waited} == {"told": "EAGAIN", "waited": True}
