"""What goes on in serve_forever(): a handler that stops it, hooks that fail or rest."""

import os

MANY = 200  # attempts or turns, more than a loop makes that rests


def stop(visit):
    """Let the loop end."""
    visit.stage.start(visit.server.shutdown)


def get_request_counted(server):
    """Count the attempts, and rest after so many that only a loop without pause can have made them."""
    server.attempts += 1
    if server.attempts > MANY:
        server.stage.wait("hold")
    return server.inherited.get_request()


def rest_after_many_turns(server):
    """Let also a loop rest that does nothing but turn after its server was closed."""
    if server.socket.fileno() < 0:
        server.turns += 1
    if server.turns > MANY:
        server.stage.wait("hold")


def serve_a_pipe_and_close_it(stage):
    """Serve a pipe, which is closed in the first turn of the loop, until that ends."""
    reader, writer = os.pipe()
    source = os.fdopen(reader, "rb")

    class PipeServer(stage.candidate.BaseServer):
        attempts = 0

        def fileno(self):
            return source.fileno()

        def get_request(self):
            self.attempts += 1
            if self.attempts > MANY:
                raise RuntimeError("the loop tries without end")
            raise OSError("there is no request")

        def service_actions(self):
            self.server_close()

        def server_close(self):
            source.close()

    try:
        PipeServer("pipe", None).serve_forever(0.01)
    finally:
        os.close(writer)


def fail_in_first_turn(server):
    """Raise in the first turn of the first loop."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ValueError("on purpose")
