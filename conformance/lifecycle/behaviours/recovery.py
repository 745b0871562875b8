"""What ends serve_forever() and what is left after it; servers that are stopped as soon as they are started."""

import builtins
import threading

from conformance.lifecycle.behaviours.arranging import Handler, classes_named, closed_after, free_address

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
    """Start so many servers and stop each without waiting for its loop to begin; return how many loops go on."""
    [(_, server_class)] = classes_named(stage, [name])
    loops = []
    for _ in range(count):
        with closed_after(server_class(free_address(stage, server_class), Handler)) as server:
            loops.append(threading.Thread(target=server.serve_forever, args=(INTERVAL,), daemon=True))
            loops[-1].start()
            server.shutdown()
            loops[-1].join()
            stage.record("loop.ended")
    return sum(loop.is_alive() for loop in loops)
