"""What the host runs for this area."""


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def hold_at_a_gate_of_its_own(visit):
    """Stay at work until the test opens the gate that the client has named."""
    question = visit.data if isinstance(visit.request, tuple) else visit.read_line()
    visit.wait(question.decode("ascii").strip())


def pass_by(visit):
    """Do nothing."""


def answer(visit):
    """Answer at once, except a client that says that it is slow."""
    question = visit.data if isinstance(visit.request, tuple) else visit.read_line()
    if question.startswith(b"slow"):
        visit.wait("hold")
    visit.send(question)


def say_that_it_came(visit):
    """Say so, in the words of serve_and_say_so."""
    visit.record("fence")


def serve_and_say_so(stage):
    """Run the server's loop and say when it has ended."""
    stage.servers[0].serve_forever(0.01)
    stage.record("fence")


def fail_if_asked(visit):
    """Raise if the client's number in the order of arrival is among those to fail."""
    if turn(visit.server) in visit.server.failing:
        raise ValueError("asked to fail")


def refuse_if_asked(server, request, client_address):
    """Refuse if the client's number in the order of arrival is among those to refuse."""
    server.taken += 1
    return turn(server) not in server.refused


def turn(server):
    """Return how many requests the server took before the one at hand."""
    return server.taken - 1


def refuse_odd(server, request, client_address):
    """Refuse the first request, the third, and so on."""
    server.taken += 1
    return server.taken % 2 == 0


def keep_silent(server, request, client_address):
    """Do not report the error."""


def handle_three(stage):
    """Have the server handle three requests, one call each."""
    for _ in range(3):
        stage.servers[0].handle_request()
