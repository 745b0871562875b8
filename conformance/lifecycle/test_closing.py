"""The end of a server."""

from conformance.lifecycle import behaviours
from conformance.lifecycle.visitors import make_request
from conformance.servers import ALL
from harness.marks import each_server, requirement

NAMES = [each.name for each in ALL]


@requirement("lifecycle.server-close-closes-the-socket")
@each_server(ALL)
def test_after_server_close_clients_are_refused(serve, server_class):
    server = serve(server_class, behaviours.do_nothing)
    make_request(server, server_class)
    server.wait_for("handler.exit")
    server.call("shutdown")

    server.call("server_close")

    assert server.call("fileno") == -1
    client = make_request(server, server_class)
    if client.connected:  # as a socket for datagrams is before anybody has to agree
        client.receive()
    assert len(server.history().of("client.refused")) > 0


@requirement("lifecycle.closing-is-always-possible")
def test_a_server_can_be_closed_at_once_and_again(host):
    descriptors = host.call(behaviours.close_early_and_often, NAMES)

    assert descriptors == dict.fromkeys(descriptors, -1)


@requirement("lifecycle.with-statement-closes")
def test_an_exception_in_a_with_statement_closes_the_server_and_goes_on(host):
    seen = host.call(behaviours.use_in_with_statement, NAMES)

    assert seen == dict.fromkeys(seen, ["itself", "server_close", "raised"])
