"""What the host runs for this area."""

import contextlib


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def answer_after_own_gate(visit):
    """Stay at work until the test opens the gate that the client has named, and answer."""
    question = question_of(visit)
    visit.wait(question.strip().decode("ascii"))
    visit.send(question)


def pass_by(visit):
    """Do nothing."""


def answer(visit):
    """Answer, a client that says that it is slow when the test opens the gate."""
    question = question_of(visit)
    if question.startswith(b"slow"):
        visit.wait("hold")
    visit.send(question)


def question_of(visit):
    """Return what the client has sent: the datagram, or a line."""
    return visit.data if isinstance(visit.request, tuple) else visit.read_line()


def say_that_it_came(visit):
    """Say so, in the words of serve_and_say_so."""
    visit.record("fence")


def serve_and_say_so(stage):
    """Run the server's loop and say when it has ended."""
    stage.servers[0].serve_forever(0.01)
    stage.record("fence")


def serve_until_stopped(stage):
    """Run the server's loop, and again whenever an interrupt has ended it."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return stage.servers[0].serve_forever(0.01)


def handle_each(stage, count):
    """Have the server handle so many requests, one call each, of which an interrupt may end any."""
    for _ in range(count):
        with contextlib.suppress(KeyboardInterrupt):
            stage.servers[0].handle_request()


def handle_three(stage):
    """Have the server handle three requests, one call each."""
    handle_each(stage, 3)


def tell_fate(server, request, client_address):
    """Give each client, when it comes, the next of the server's fates, and refuse the one whose fate that is."""
    fate = server.fates[server.taken]
    server.taken += 1
    server.fate_of[client_address] = fate
    return fate != "refused"


def tell_fate_and_hold_the_second(server, request, client_address):
    """Do that, but hold the second request at a gate, and keep the first, so that it is not closed as garbage."""
    if server.taken == 0:
        server.first = request
    else:
        server.stage.wait("hold")
    return tell_fate(server, request, client_address)


def meet_fate(visit):
    """Fail, be interrupted, or do nothing, as is this client's fate."""
    fate = visit.server.fate_of[visit.client_address]
    if fate == "failing":
        raise ValueError("fated to fail")
    if fate == "interrupted":
        raise KeyboardInterrupt("fated to be interrupted")


def refuse_odd(server, request, client_address):
    """Refuse the first request, the third, and so on."""
    server.taken += 1
    return server.taken % 2 == 0


def keep_silent(server, request, client_address):
    """Do not report the error."""
