"""What goes on around a server: clocks that jump, forks that are none of its business, others at its socket."""

import os
import select
import time

JUMP = 1e6  # seconds


def do_nothing(visit):
    """Be there."""


def hold_first_in_each_process(visit):
    """Wait at the gate with the first request of each process, so that both processes take some."""
    if visit.server.held_in != os.getpid():
        visit.server.held_in = os.getpid()
        visit.wait("hold")


def let_the_clock_jump(stage, direction):
    """Let the time of day jump each time that somebody asks for it."""
    time_of_day = time.time
    asked = []

    def jump():
        asked.append(time_of_day())
        return asked[-1] + direction * JUMP * len(asked)

    time.time = jump


def ends_early(stage, seconds):
    """Call handle_request(); return whether that took less than so many *seconds*."""
    begin = time.monotonic()
    stage.servers[-1].handle_request()
    return time.monotonic() - begin < seconds


def do_without_poll(stage):
    """Take away what the select module offers beside select(), as libraries with green threads do."""
    for name in ("poll", "epoll", "devpoll", "kqueue"):
        if hasattr(select, name):
            delattr(select, name)


def fork_elsewhere(stage, end):
    """Fork a child that has nothing to do with the server but closes its copy of it if told; wait for its end."""
    [server] = stage.servers
    pid = os.fork()
    if pid == 0:
        try:
            if end == "closes the server":
                server.block_on_close = False  # a thread that was copied in the middle of a request never ends
                server.server_close()
            stage.record("stranger.ends")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


def serve_in_a_second_process(stage):
    """Fork a child that serves at the same socket until the test opens gate "one"; return its number."""
    [server] = stage.servers
    pid = os.fork()
    if pid == 0:
        try:
            stage.start(_end_when_told, stage)
            stage.record("second.serves")
            server.serve_forever(0.01)
        finally:
            os._exit(1)
    return pid


def _end_when_told(stage):
    stage.wait("one")
    os._exit(0)


def wait_for_second_process(stage, pid):
    """Wait until the child has ended; return its exit status."""
    return os.waitpid(pid, 0)[1]


def get_request_too_late(server):
    """Let someone else take the request first, once."""
    if not server.stolen:
        server.stolen.append(server.inherited.get_request())
        server.stage.record("request.stolen")
    return server.inherited.get_request()
