"""Who holds which socket after a fork."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import can_be_taken, hold_children, living, sockets, take_in
from conformance.servers import FORKING, FORKING_DATAGRAM, FORKING_INET, FORKING_STREAM
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


@requirement("isolation.the-parent-only-closes")
@each_server(FORKING)
def test_the_parent_closes_a_request_and_does_not_shut_it_down(serve, host, server_class):
    server = serve(
        server_class, behaviours.pass_by, loop=False, probes=("finish_request", "shutdown_request", "close_request")
    )

    take_in(server)

    hooks = [event.details["name"] for event in server.history().of("hook.enter") if event.pid == host.pid]
    assert hooks == ["close_request"]


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING)
def test_the_parent_holds_the_same_descriptors_after_many_requests(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    take_in(server)
    before = processes.descriptors(host.pid)

    take_in(server, 5)

    assert processes.descriptors(host.pid) == before


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING_STREAM)
def test_requests_for_which_fork_fails_leave_no_descriptors(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("process_request",))
    take_in(server)
    before = processes.descriptors(host.pid)
    host.call(behaviours.let_each_fork_fail)

    take_in(server, 3)

    assert (processes.descriptors(host.pid), failed(server)) == (before, 3)


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING_INET)
def test_the_loop_leaves_no_descriptors_of_requests_that_fail(serve, host, server_class):
    server = serve(server_class, behaviours.fail, probes=("process_request", "service_actions"))
    ask_the_loop(server, 1)
    before = processes.descriptors(host.pid)

    ask_the_loop(server, 4)

    assert processes.descriptors(host.pid) == before


def failed(server):
    """Return how many times process_request() has raised."""
    return len(server.history().of("hook.raise", name="process_request"))


def ask_the_loop(server, count):
    """Have *count* requests handled and wait until the loop is done with them."""
    for _ in range(count):
        before = len(server.history().of("hook.exit", name="process_request"))
        server.knock()
        server.wait_for("hook.exit", count=before + 1, name="process_request")


@requirement("isolation.a-child-lets-go-of-the-listening-socket")
@each_server(FORKING_STREAM)
def test_a_child_at_work_does_not_keep_a_closed_server_listening(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False, block_on_close=False)
    hold_children(server)

    server.call("server_close")
    newcomer = server.connect()

    assert server.history().of("client.connect", client=newcomer.name) == []


@requirement("isolation.a-child-lets-go-of-the-listening-socket")
@each_server(FORKING_STREAM)
def test_newcomers_are_refused_while_server_close_waits_for_a_child(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    hold_children(server)
    server.start("server_close").allow_to_return()

    newcomer = server.connect()

    assert server.history().of("client.connect", client=newcomer.name) == []


@requirement("isolation.a-child-lets-go-of-the-listening-socket")
def test_another_server_can_have_the_port_while_a_child_is_at_work(serve):
    server = serve("ForkingTCPServer", behaviours.hold, loop=False, block_on_close=False, allow_reuse_address=True)
    hold_children(server)
    server.call("server_close")

    assert can_be_taken(server.address)


@requirement("isolation.the-servers-socket-is-open-in-a-child")
@each_server(FORKING)
def test_a_handler_finds_the_servers_socket_open(serve, server_class):
    server = serve(server_class, behaviours.say_what_is_left_of_the_server, loop=False)

    take_in(server)
    server.wait_for("handler.exit")

    [told] = server.history().of("socket")
    assert (told.details["open"], told.details["named"]) == (True, True)


@requirement("isolation.children-answer-on-the-servers-socket")
@each_server(FORKING_DATAGRAM)
def test_a_child_that_closes_the_socket_of_its_datagram_does_no_harm(serve, server_class):
    server = serve(server_class, behaviours.close_the_socket, loop=False)
    client = server.datagrams()

    answers = []
    for question in (b"one", b"two"):
        client.send(question)
        server.call("handle_request")
        answers.append(client.receive())

    assert answers == [b"one", b"two"]


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
