"""Reach for what is private, as programs do."""

STOP_FLAG = "_BaseServer__shutdown_request"
END_OF_LOOP = "_BaseServer__is_shut_down"


def set_stop_flag(visit):
    """Ask the server's loop to end by its flag; the second visit does it by the book."""
    if visit.read_line() == b"second\n":
        visit.stage.start(visit.server.shutdown)
    else:
        setattr(visit.server, STOP_FLAG, True)


def tell_end_of_loop(visit):
    """Report whether the event says that the loop has ended."""
    visit.record("loop", ended=_has_ended(visit.server))


def has_loop_ended(stage):
    """Return what the event of the server says; None if it has no such event."""
    return _has_ended(stage.servers[0])


def _has_ended(server):
    event = getattr(server, END_OF_LOOP, None)
    return None if event is None else event.is_set()
