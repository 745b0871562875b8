"""Who holds which socket after a fork."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import hold_children, living, sockets, take_in
from conformance.servers import FORKING, FORKING_DATAGRAM, FORKING_STREAM
from harness import processes
from harness.marks import each_server, requirement


@requirement("isolation.the-parent-lets-go-of-the-connection")
@each_server(FORKING_STREAM)
def test_the_parent_holds_no_connection_of_a_child(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    before = sockets(host.pid)

    hold_children(server)

    assert sockets(host.pid) == before


@requirement("isolation.the-parent-lets-go-of-the-connection")
@each_server(FORKING_STREAM)
def test_a_child_holds_no_connection_of_another_one(serve, host, server_class):
    server = serve(server_class, behaviours.hold, loop=False)

    hold_children(server)
    [older] = living(host)
    take_in(server)
    server.wait_for("gate.wait", count=2)
    [younger] = set(living(host)) - {older}

    assert len(sockets(younger)) == len(sockets(older))


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING)
def test_the_parent_holds_the_same_descriptors_after_many_requests(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    take_in(server)
    before = processes.descriptors(host.pid)

    take_in(server, 5)

    assert processes.descriptors(host.pid) == before


@requirement("isolation.a-child-lets-go-of-the-listening-socket")
@each_server(FORKING_STREAM)
def test_a_child_at_work_does_not_keep_a_closed_server_listening(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, block_on_close=False)
    hold_children(server)

    server.call("server_close")
    newcomer = server.connect()

    assert server.history().of("client.connect", client=newcomer.name) == []


@requirement("isolation.children-answer-on-the-servers-socket")
@each_server(FORKING_DATAGRAM)
def test_children_answer_datagrams_and_leave_the_socket_to_the_parent(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False)
    client = server.datagrams()

    answers = []
    for question in (b"one", b"two", b"three"):
        client.send(question)
        server.call("handle_request")
        answers.append(client.receive())

    assert answers == [b"one", b"two", b"three"]
