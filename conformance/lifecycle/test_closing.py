"""The end of a server."""

from conformance.lifecycle.behaviours import closing, pipeline
from conformance.servers import ALL
from harness.marks import each_server, requirement

NAMES = [each.name for each in ALL]


@requirement("lifecycle.server-close-closes-the-socket")
@each_server(ALL)
def test_after_server_close_clients_are_refused(serve, server_class):
    server = serve(server_class, pipeline.do_nothing)
    server.knock()
    server.wait_for("handler.exit")
    server.call("shutdown")

    server.call("server_close")

    assert server.call("fileno") == -1
    if server_class.transport == "stream":
        server.connect()
    else:
        client = server.datagrams()
        if client.connected:  # nobody has to agree to that, except on a Unix socket
            client.send(b"is anybody there?")
            client.receive()
    assert len(server.history().of("client.refused")) > 0


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_can_be_closed_at_once_and_again(host):
    descriptors = host.call(closing.close_early_and_often, NAMES)

    assert descriptors == dict.fromkeys(descriptors, -1)


@requirement("lifecycle.with-statement-closes")
def test_an_exception_in_a_with_statement_closes_the_server_and_goes_on(host):
    seen = host.call(closing.use_in_with_statement, NAMES)

    assert seen == {name: ["itself", "server_close", "raised"] for name in seen}
