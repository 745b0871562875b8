"""What the host runs for this area."""

import atexit
import itertools
import os
import signal
import socket
import threading

LOOPS = threading.Barrier(2)
LOOP = threading.local()
TURNS = itertools.count()
OFTEN = 1000  # calls

# -- handlers ----------------------------------------------------------------------------------------------------------


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def hold_and_tell_the_connection(visit):
    """Stay at work, and say what the connection is called in /proc."""
    visit.record("connection", name="socket:[%d]" % os.fstat(visit.request.fileno()).st_ino)
    visit.wait("hold")


def pass_by(visit):
    """Do nothing."""


def stop_the_server(visit):
    """Call shutdown() in the thread that handles the request."""
    visit.server.shutdown()
    visit.record("stopped")


def stop_the_server_often(visit):
    """Call shutdown() more often than any buffer has room for."""
    for _ in range(OFTEN):
        visit.server.shutdown()


def have_the_server_stopped(visit):
    """Call shutdown() in a thread of its own, and do not wait for it."""
    visit.stage.start(stop_the_server, visit)


def hold_the_loop(server):
    """As service_actions(): keep the loop busy until the test opens the gate."""
    server.stage.wait("hold")


def leave_a_with_block(stage):
    """Use the server as a context manager, as programs do."""
    with stage.servers[0]:
        pass


def hold_at_the_gate_of_the_server(visit):
    """Stay at work until the test opens the gate that the server named when the visit began."""
    visit.wait(visit.server.gate)


def answer(visit):
    """Say that the request was served."""
    visit.send(b"served")


def stop_the_server_from_a_child(visit):
    """Have shutdown() called in this process, and stay until the test opens the gate."""
    visit.stage.start(stop_the_server, visit)
    visit.wait("hold")


# -- overrides ---------------------------------------------------------------------------------------------------------


def stop_in_a_turn(server):
    """As service_actions(): call shutdown()."""
    server.shutdown()


def wait_for_the_other_loop(server):
    """As service_actions(): in its first turn, each of two loops waits for the other."""
    if not hasattr(LOOP, "place"):
        LOOP.place = LOOPS.wait()
        server.stage.record("loops.met")


def hold_one_of_two_loops(server):
    """As service_actions(): let two loops wait for each other, then keep one of them busy until the gate opens."""
    if not hasattr(LOOP, "place"):
        wait_for_the_other_loop(server)
        if LOOP.place == 1:
            server.stage.wait("hold")


def hold_the_first_request(server, request, client_address):
    """As verify_request(): keep the loop that takes in the first request busy until the gate opens."""
    if next(TURNS) == 0:
        server.stage.wait("one")
    return True


def hold_the_beginning(server):
    """As fileno(): keep a loop that begins from getting any further, if the server is told so."""
    if server.holds:
        server.stage.wait("hold")
    return server.inherited.fileno()


# -- calls -------------------------------------------------------------------------------------------------------------


class Interruption(Exception):
    """What a signal handler raises."""


def close_until_interrupted(stage):
    """Close the server and tell whether that came to its end or was interrupted by a signal."""

    def interrupt(*_):
        raise Interruption

    signal.signal(signal.SIGUSR1, interrupt)
    stage.record("closing")
    try:
        stage.servers[0].server_close()
    except Interruption:
        return "interrupted"
    finally:
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    return "returned"


def serve_until_interrupted(stage):
    """Serve until somebody presses Ctrl-C, and close the server, as programs do."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    server = stage.servers[0]
    try:
        server.serve_forever(0.01)
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()


def visit_at_exit(stage):
    """Let Python, at its end, visit the server and say what came of it."""
    atexit.register(visit_from_within, stage)


def visit_from_within(stage):
    """Visit the server and record whether it served or refused."""
    listening = stage.servers[0].socket
    with socket.socket(listening.family, socket.SOCK_STREAM) as client:
        try:
            client.connect(listening.getsockname())
            came = client.recv(100)
        except OSError:
            came = b""
    stage.record("exit.visited", outcome="served" if came == b"served" else "refused")
