"""Who else holds a connection when its request is over, and who may go on with it."""

import pytest

from conformance.request_handlers.behaviours import keeping
from conformance.servers import STREAM, SYNCHRONOUS_STREAM, THREADING_STREAM
from harness.marks import each_server, requirement

IN_ONE_PROCESS = SYNCHRONOUS_STREAM + THREADING_STREAM
KEPT = {
    "the request": keeping.reply_and_keep_request,
    "a duplicate": keeping.reply_and_keep_duplicate,
    "a file": keeping.reply_and_keep_file,
}


@requirement("request-handlers.copies-do-not-delay-the-end")
@pytest.mark.parametrize("keep", KEPT.values(), ids=KEPT)
@each_server(IN_ONE_PROCESS)
def test_the_end_does_not_wait_for_what_the_handler_has_kept(serve, server_class, keep):
    server = serve(server_class, keep, loop=False)
    client = server.connect()

    server.call("handle_request")

    assert client.try_reading_all() == b"reply"


@requirement("request-handlers.copies-do-not-delay-the-end")
@each_server(STREAM)
def test_the_end_does_not_wait_for_a_process_that_the_handler_has_forked(serve, server_class):
    server = serve(server_class, keeping.reply_and_fork, loop=False)
    client = server.connect()

    server.call("handle_request")
    heard = client.try_reading_all()
    server.release()
    server.host.call(keeping.bury)

    assert heard == b"reply"


@requirement("request-handlers.handler-may-close-request")
@each_server(STREAM)
def test_a_request_that_its_handler_closed_is_no_error(serve, server_class):
    server = serve(server_class, keeping.close_request, loop=False, probes=("handle_error",))
    client = server.connect()

    server.call("handle_request")
    reported = server.comes("hook.enter", name="handle_error")

    assert (client.read_all(), reported) == (b"reply", False)


@requirement("request-handlers.handler-may-detach-request")
@each_server(IN_ONE_PROCESS)
def test_a_descriptor_that_was_detached_outlives_its_request(serve, server_class):
    server = serve(server_class, keeping.detach, loop=False, probes=("handle_error",))
    client = server.connect()
    server.call("handle_request")
    reported = server.comes("hook.enter", name="handle_error")

    server.host.call(keeping.use_detached)

    assert (client.read_all(), reported) == (b"one two", False)


@requirement("request-handlers.process-request-may-keep-connection")
@each_server(SYNCHRONOUS_STREAM)
@pytest.mark.parametrize("loop", [False, True], ids=["handle_request", "serve_forever"])
def test_connections_that_process_request_kept_stay_open(serve, server_class, loop):
    server = serve(server_class, keeping.reply, loop=loop, process_request=keeping.keep_connection)
    clients = [server.connect() for _ in range(3)]
    if not loop:
        for _ in clients:
            server.call("handle_request")
    server.comes("kept", count=len(clients))

    first, second, _ = clients
    server.host.call(keeping.answer_those_kept_first, 2)

    assert [second.read_all(), first.read_all()] == [b"later", b"later"]


@requirement("request-handlers.process-request-may-keep-connection")
@each_server(SYNCHRONOUS_STREAM)
def test_a_program_can_have_threads_of_its_own(serve, server_class):
    server = serve(server_class, keeping.wait_and_reply, process_request=keeping.process_in_own_thread)
    clients = [server.connect() for _ in range(3)]
    server.comes("gate.wait", count=len(clients))
    server.release()

    assert [client.read_all() for client in clients] == [b"reply"] * 3
