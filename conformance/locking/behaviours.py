"""What the host runs for this area."""

import gc
import os
import socket
import sys
import threading
import weakref

LOCK = threading.Lock()
LOCAL = threading.local()
MEETING = threading.Barrier(2)
TOO_MUCH = 1 << 62  # bytes for one stack: more than there are addresses, also where more is promised than there is


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
    if words_of(visit).startswith(b"fail"):
        raise ValueError("a handler that was asked to fail")
    visit.wait("hold")


def leave(visit):
    """End the thread the way a program ends itself."""
    raise SystemExit(3)


def look_for_traces(visit):
    """Tell whether an earlier request left something in this thread, and leave something."""
    visit.record("thread.seen", used=getattr(LOCAL, "used", False))
    LOCAL.used = True


def tell_daemon(visit):
    """Tell whether the thread is a daemon."""
    visit.record("thread.seen", daemon=threading.current_thread().daemon)


def meet(visit):
    """Wait until two handlers are here."""
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


def close_server_together(visit):
    """Wait until everybody is here, then close the server."""
    visit.wait("hold")
    visit.server.server_close()


def close_server_or_hold(visit):
    """Close the server if the client says so, else stay at work."""
    if words_of(visit).startswith(b"close"):
        visit.record("closing")
        visit.server.server_close()
    else:
        visit.wait("hold")


def hold_where_told(visit):
    """Stay at work until the test opens the gate that the client names."""
    visit.wait(words_of(visit).decode("ascii").strip())


def words_of(visit):
    """Return what the client says, in whatever way."""
    return visit.data if isinstance(visit.request, tuple) else visit.read_line()


def interrupt_itself(visit):
    """Raise what is no Exception."""
    raise KeyboardInterrupt


def tell_thread_name(visit):
    """Tell the name of the thread."""
    visit.record("thread.seen", name=threading.current_thread().name)


def reply(visit):
    """Send something back."""
    visit.send(b"!")


# -- overrides ---------------------------------------------------------------------------------------------------------


def keep_request(server, request, client_address):
    """Do nothing with the request, and say so."""
    server.stage.record("body.replaced")


def finish_request_together(server, request, client_address):
    """As finish_request(): wait until two are here."""
    MEETING.wait()


def handle_error_together(server, request, client_address):
    """As handle_error(): wait until two are here."""
    MEETING.wait()


def shutdown_request_together(server, request):
    """As shutdown_request(): wait until two are here."""
    MEETING.wait()
    server.inherited.shutdown_request(request)


def close_request_together(server, request):
    """As close_request(): wait until two are here."""
    MEETING.wait()
    server.inherited.close_request(request)


def be_quiet(server, request, client_address):
    """As handle_error(): report nothing."""


def fail_to_report(server, request, client_address):
    """As handle_error(): fail."""
    raise LookupError("no place for the report")


# -- calls -------------------------------------------------------------------------------------------------------------


def count_dead_threads_kept(stage):
    """Return how many threads that have ended somebody still holds on to, of those that remember_thread() has seen."""
    for _ in range(3):
        gc.collect()
    threads = [reference() for reference in stage.servers[0].seen]
    return sum(thread is not None and not thread.is_alive() for thread in threads)


def refuse_one_start(stage):
    """Let the next start of a thread fail as if the system could not have one more."""
    start = threading.Thread.start

    def refuse(thread):
        threading.Thread.start = start
        stage.record("thread.refused")
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


def listen_to_excepthook(stage):
    """Record what comes to threading.excepthook."""

    def record(arguments):
        stage.record("excepthook", error=arguments.exc_type.__name__)

    threading.excepthook = record


def replace_thread_body(stage):
    """Give the server, once it is there, another process_request_thread()."""

    def body(request, client_address):
        stage.record("body.replaced")

    stage.servers[0].process_request_thread = body


def handle_one_without_room(stage):
    """Handle a request while no thread can be started, since none finds room for its stack; tell whether that is so."""
    try:
        usual = threading.stack_size(TOO_MUCH)
    except (ValueError, OverflowError):
        return False
    try:
        stage.servers[0].handle_request()
    finally:
        threading.stack_size(usual)
    return True


def make_visits(stage, count):
    """Visit the server *count* times, waiting for each answer."""
    for _ in range(count):
        visit_once(stage.servers[0].socket)


def visit_once(listening):
    """Make one visit to *listening* and wait for its answer."""
    with socket.socket(listening.family, listening.type) as client:
        if listening.type == socket.SOCK_DGRAM:
            client.bind(("127.0.0.1", 0))
        client.connect(listening.getsockname())
        client.send(b"x")
        client.recv(100)


def possessions(stage):
    """Count what this process has."""
    for _ in range(3):
        gc.collect()
    return {
        "threads": threading.active_count(),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "objects": len(gc.get_objects()),
        "blocks of memory": getattr(sys, "getallocatedblocks", int)(),
    }
