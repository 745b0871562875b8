"""Every server class with the request handler class for its kind, and with the other one."""

from conformance.hierarchy import behaviours
from conformance.servers import ALL, SYNCHRONOUS, USER_BUILT
from harness.marks import each_server, requirement

HANDLERS = {"stream": "StreamRequestHandler", "datagram": "DatagramRequestHandler"}
WRONG = {"stream": "DatagramRequestHandler", "datagram": "StreamRequestHandler"}


@requirement("hierarchy.every-class-serves")
@each_server(ALL + USER_BUILT)
def test_the_server_answers_through_the_handler_class_for_its_kind(serve, server_class):
    server = serve(server_class, behaviours.shout, handler=HANDLERS[server_class.transport])

    asker = server if server_class.transport == "stream" else server.datagrams()

    assert asker.ask(b"hello\n") == b"HELLO\n"


@requirement("hierarchy.wrong-handler-is-reported")
@each_server(SYNCHRONOUS)
def test_a_handler_class_for_the_other_kind_is_reported_each_time(serve, server_class):
    wrong = WRONG[server_class.transport]
    server = serve(server_class, behaviours.do_nothing, handler=wrong, probes=("handle_error",), loop=False)
    clients = []
    for _ in range(2):
        clients.append(server.knock().name)
        server.call("handle_request")

    reported = [event.client for event in server.history().of("hook.enter", name="handle_error")]

    assert reported == clients
