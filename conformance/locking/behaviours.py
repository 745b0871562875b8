"""What the host runs for this area."""

import gc
import threading
import weakref

LOCK = threading.Lock()
LOCAL = threading.local()
MEETING = threading.Barrier(8)


# -- handlers ----------------------------------------------------------------------------------------------------------


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def pass_by(visit):
    """Do nothing."""


def fail(visit):
    """Raise."""
    raise ValueError("a handler that fails")


def fail_or_hold(visit):
    """Raise if the client says so, else stay at work."""
    words = visit.data if isinstance(visit.request, tuple) else visit.read_line()
    if words.startswith(b"fail"):
        raise ValueError("a handler that was asked to fail")
    visit.wait("hold")


def leave(visit):
    """End the thread the way a program ends itself."""
    remember_thread(visit)
    raise SystemExit(3)


def look_for_traces(visit):
    """Tell whether an earlier request left something in this thread, and leave something."""
    visit.record("thread.seen", used=getattr(LOCAL, "used", False))
    LOCAL.used = True


def tell_daemon(visit):
    """Tell whether the thread is a daemon."""
    visit.record("thread.seen", daemon=threading.current_thread().daemon)


def meet(visit):
    """Wait until eight handlers are here."""
    MEETING.wait()


def add_one(visit):
    """Read the total, wait until everybody has read it, write one more."""
    total = visit.server.total
    visit.record("update.read", total=total)
    visit.wait("hold")
    visit.server.total = total + 1
    visit.record("update.done", total=total + 1)


def add_one_with_lock(visit):
    """Wait until everybody is here, then read the total and write one more, holding a lock in between."""
    visit.wait("hold")
    with LOCK:
        total = visit.server.total
        visit.wait("one")
        visit.server.total = total + 1
    visit.record("update.done", total=total + 1)


def echo_together(visit):
    """Wait until everybody is here, then send back what came."""
    visit.wait("hold")
    visit.send(visit.data)


def remember_thread(visit):
    """Let the server know in which thread the handler ran, without keeping it alive."""
    visit.server.seen.append(weakref.ref(threading.current_thread()))


def remember_thread_and_hold(visit):
    """Let the server know the thread and stay at work."""
    remember_thread(visit)
    visit.wait("hold")


def close_server(visit):
    """Close the server."""
    visit.server.server_close()


# -- overrides ---------------------------------------------------------------------------------------------------------


def keep_request(server, request, client_address):
    """Do nothing with the request, and say so."""
    server.stage.record("body.replaced")


# -- calls -------------------------------------------------------------------------------------------------------------


def join_threads(stage):
    """Wait for the end of all threads that the server knows from remember_thread()."""
    for reference in stage.servers[0].seen:
        thread = reference()
        if thread is not None:
            thread.join()


def count_threads_kept(stage):
    """Wait for those threads to end and return how many of them somebody still holds on to."""
    join_threads(stage)
    for _ in range(3):
        gc.collect()
    return sum(reference() is not None for reference in stage.servers[0].seen)


def is_open(stage):
    """Tell whether the server's socket is open."""
    return stage.servers[0].socket.fileno() >= 0


def refuse_one_start(stage):
    """Let the next start of a thread fail as if the system could not have one more."""
    start = threading.Thread.start

    def refuse(thread):
        threading.Thread.start = start
        raise RuntimeError("can't start new thread")

    threading.Thread.start = refuse


def hold_one_start(stage):
    """Let the next start of a thread wait at a gate."""
    start = threading.Thread.start

    def wait(thread):
        threading.Thread.start = start
        stage.wait("one")
        start(thread)

    threading.Thread.start = wait
