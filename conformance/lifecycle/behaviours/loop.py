"""What goes on in serve_forever(): a handler that stops it, hooks that fail or rest."""

import os
import threading
import time

TURN = 0.01  # seconds between two polls
MANY = 200  # attempts or turns, more than a loop makes that rests


def stop(visit):
    """Let the loop end."""
    visit.stage.start(visit.server.shutdown)


def get_request_counted(server):
    """Count the attempts after the server was closed; when there are many, say whether they came without a pause."""
    if server.socket.fileno() < 0:
        server.attempts += 1
        if server.attempts == 1:
            server.first_attempt = time.monotonic()
        if server.attempts > MANY:
            if time.monotonic() - server.first_attempt < MANY * TURN / 2:
                server.stage.record("loop.spins")
            server.stage.wait("hold")
    return server.inherited.get_request()


def rest_after_many_turns(server):
    """Let also a loop rest that does nothing but turn after its server was closed."""
    if server.socket.fileno() < 0:
        server.turns += 1
    if server.turns > MANY:
        server.stage.wait("hold")


# What a server needs whose loop must be seen at rest in the end, if it goes on, whatever it does.
AT_REST_AFTER_MANY_TURNS = {
    "get_request": get_request_counted,
    "service_actions": rest_after_many_turns,
    "attempts": 0,
    "turns": 0,
}


def note_turn(server):
    """Let those know who wait for the loop to turn."""
    server.stage.has_turned.set()


def start_and_stop(stage, count):
    """Start the loop of the test's server so often, and stop it in its first turn."""
    [server] = stage.servers
    for _ in range(count):
        stage.has_turned = threading.Event()
        loop = threading.Thread(target=server.serve_forever, args=(TURN / 2,), daemon=True)
        loop.start()
        stage.has_turned.wait()
        server.shutdown()
        loop.join()
        stage.record("loop.ended")


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
        PipeServer("pipe", None).serve_forever(TURN)
    finally:
        os.close(writer)


def fail_in_first_turn(server):
    """Raise in the first turn of the first loop."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ValueError("on purpose")
