"""Who holds which socket after a fork."""

from conformance.isolation import behaviours
from conformance.isolation.arranging import (
    can_be_taken,
    children_with_handlers,
    hold_children,
    take_in,
    wait_for_the_end_of_handlers,
    wait_for_two_turns,
    zombies_that_stay,
)
from conformance.servers import FORKING, FORKING_DATAGRAM, FORKING_INET, FORKING_STREAM
from conformance.visitors import connections, holds
from harness import processes
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

REQUESTS = 5


@requirement("isolation.the-parent-lets-go-of-the-connection")
@each_server(FORKING_STREAM)
def test_the_parent_holds_no_connection_of_a_child(serve, host, server_class):
    server = serve(server_class, behaviours.hold_and_tell_the_connection, loop=False)
    take_in(server)
    names = connections(server, 1)

    host.becomes(lambda: not holds(host.pid, names[0]), "letting go of the connection")

    assert [name for name in names if holds(host.pid, name)] == []


@requirement("isolation.the-parent-lets-go-of-the-connection")
@each_server(FORKING_STREAM)
def test_a_child_holds_no_connection_of_another_one(serve, host, server_class):
    server = serve(server_class, behaviours.hold_and_tell_the_connection, loop=False)

    take_in(server)
    older = connections(server, 1)[0]
    take_in(server)
    connections(server, 2)
    younger = children_with_handlers(host)[1:]

    assert [pid for pid in younger if holds(pid, older)] == []


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
def test_the_parent_holds_no_more_descriptors_after_many_requests(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    before = held_after(server, 1)

    after = held_after(server, REQUESTS)

    assert left_by_each(before, after) == 0


def held_after(server, count):
    """Have *count* requests handled and their children collected; return how many descriptors the parent holds."""
    begun = len(server.history().of("handler.exit"))
    take_in(server, count)
    server.wait_for("handler.exit", count=begun + count)
    wait_for_the_end_of_handlers(server.host)
    server.call("service_actions")
    zombies_that_stay(server.host)
    return held(server)


def held(server):
    """Return how many descriptors the parent holds."""
    return len(processes.descriptors(server.host.pid))


def left_by_each(before, after):
    """Return how many descriptors each of many requests has left, of which *after* they were held in all."""
    return max(0, after - before) // REQUESTS


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING_STREAM)
def test_requests_for_which_fork_fails_leave_no_descriptors(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False, probes=("handle_error",))
    before = held_after(server, 1)
    host.call(behaviours.let_each_fork_fail)

    take_in(server, REQUESTS)

    if len(server.history().of("hook.exit", name="handle_error")) < REQUESTS:
        raise Inconclusive("not every request needed a fork, or its failure was no error of the request")
    assert left_by_each(before, held(server)) == 0


@requirement("isolation.requests-leave-no-descriptors")
@each_server(FORKING_INET)
def test_the_loop_leaves_no_descriptors_of_requests_that_fail(serve, host, server_class):
    server = serve(server_class, behaviours.fail, probes=("service_actions",))
    before = held_after_the_loop(server, 1)

    after = held_after_the_loop(server, REQUESTS)

    assert left_by_each(before, after) == 0


def held_after_the_loop(server, count):
    """Let the loop have *count* requests handled and collect the children; return how many descriptors are held."""
    for _ in range(count):
        begun = len(server.history().of("handler.raise"))
        server.knock()
        server.wait_for("handler.raise", count=begun + 1)
    wait_for_the_end_of_handlers(server.host)
    wait_for_two_turns(server)
    zombies_that_stay(server.host)
    return held(server)


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
    server.comes("socket")

    told = [(event.details["open"], event.details["named"]) for event in server.history().of("socket")]
    assert told == [(True, True)]


@requirement("isolation.a-child-may-close-the-socket-of-its-datagram")
@each_server(FORKING_DATAGRAM)
def test_a_child_that_closes_the_socket_of_its_datagram_does_no_harm(serve, server_class):
    server = serve(server_class, behaviours.close_the_socket, loop=False)

    assert answers(server, [b"one", b"two"]) == [b"one", b"two"]


@requirement("isolation.children-answer-on-the-servers-socket")
@each_server(FORKING_DATAGRAM)
def test_children_answer_datagrams_and_leave_the_socket_to_the_parent(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False)

    assert answers(server, [b"one", b"two", b"three"]) == [b"one", b"two", b"three"]


def answers(server, questions):
    """Ask *server* one question after another; return what comes back from its address to the client who asked."""
    client = server.datagrams()
    found = []
    for question in questions:
        client.send(question)
        server.call("handle_request")
        found.append(client.receive() if client.hears() else None)
    return found
