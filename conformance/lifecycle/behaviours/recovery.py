"""What ends serve_forever() and what is left after it; servers that are started and stopped again and again."""

import builtins
import os
import threading

from conformance.lifecycle.behaviours.arranging import classes_named, free_address

INTERVAL = 0.005  # seconds


def do_nothing(visit):
    """Be there."""


def quit_if_told(visit):
    """Raise what the server's attribute ``quits_with`` names, if it names something."""
    raise_if_told(visit.server)


def raise_if_told(server):
    """Raise what the server's attribute ``quits_with`` names, if it names something."""
    if server.quits_with:
        raise getattr(builtins, server.quits_with)("told to leave")


def start_and_stop_servers(stage, name, count):
    """Start so many servers and stop each at once, without waiting for its loop; return what is left of them."""
    [(_, server_class)] = classes_named(stage, [name])
    before = descriptors()
    loops = []
    for _ in range(count):
        with server_class(free_address(stage, server_class), None) as server:
            loops.append(_start(server))
            server.shutdown()
            loops[-1].join()
    return {"loops": sum(loop.is_alive() for loop in loops), "descriptors": descriptors() - before}


def note_turn(server):
    """Let those know who wait for the loop to turn."""
    server.stage.has_turned.set()


def start_and_stop_one_server(stage, count):
    """Start the server of the test so often and stop it in its first turn; return what is left of that."""
    [server] = stage.servers
    stage.has_turned = threading.Event()
    before = descriptors()
    for _ in range(count):
        stage.has_turned.clear()
        loop = _start(server)
        stage.has_turned.wait()
        server.shutdown()
        loop.join()
    return {"descriptors": descriptors() - before}


def _start(server):
    loop = threading.Thread(target=server.serve_forever, args=(INTERVAL,), daemon=True)
    loop.start()
    return loop


def descriptors():
    """Return how many descriptors this process has."""
    return len(os.listdir("/proc/self/fd"))
