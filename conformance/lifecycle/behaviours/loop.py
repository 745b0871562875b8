"""What goes on in serve_forever(): a handler that stops it, hooks that fail or rest."""


def stop(visit):
    """Let the loop end."""
    visit.stage.start(visit.server.shutdown)


def get_request_counted(server):
    """Count the attempts, and rest after so many that only a loop without pause can have made them."""
    server.attempts += 1
    if server.attempts > 200:
        server.stage.wait("hold")
    return server.inherited.get_request()


def rest_after_many_turns(server):
    """Let also a loop rest that does nothing but turn after its server was closed."""
    if server.socket.fileno() < 0:
        server.turns += 1
    if server.turns > 200:
        server.stage.wait("hold")


def fail_in_first_turn(server):
    """Raise in the first turn of the first loop."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ValueError("on purpose")
