"""What the host runs for this area."""

import atexit
import errno
import multiprocessing
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import threading
import warnings

ENDLESS = 100  # times in which nobody asks who has a reason to
EXIT_42 = ["/bin/sh", "-c", "exit 42"]


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def wait_for_a_signal(visit):
    """Stay at work until a signal comes."""
    visit.wait_for_a_signal()


def pass_by(visit):
    """Do nothing."""


def echo(visit):
    """Answer a datagram with the same."""
    visit.send(visit.data)


def hold_and_tell_the_connection(visit):
    """Stay at work, and say what the connection is called in /proc."""
    visit.record("connection", name="socket:[%d]" % os.fstat(visit.request.fileno()).st_ino)
    visit.wait("hold")


def do_as_told(visit):
    """Do what the client says."""
    words = visit.data if isinstance(visit.request, tuple) else visit.read_line()
    {b"close": close_the_server, b"hold": hold, b"go": pass_by}[words.strip()](visit)


def close_the_server(visit):
    """Close the server in this process."""
    visit.server.server_close()


# -- how a child ends --------------------------------------------------------------------------------------------------


def fail(visit):
    """Raise what servers report."""
    raise ValueError("told to fail")


def interrupt(visit):
    """Raise what servers do not catch."""
    raise KeyboardInterrupt


def leave(visit):
    """Leave as programs do."""
    sys.exit(3)


def leave_with_success(visit):
    """Leave as programs do that have done their work."""
    sys.exit(0)


def leave_without_a_word(visit):
    """Leave as programs do that say nothing about it."""
    sys.exit()


def leave_with_words(visit):
    """Leave as programs do that have something to say."""
    sys.exit("told to leave")


def leave_immediately(visit):
    """Leave without any more ado."""
    visit.record("handler.exit")
    os._exit(7)


def kill_itself(visit):
    """Be ended by a signal."""
    visit.record("handler.exit")
    os.kill(os.getpid(), signal.SIGKILL)


def fail_in_handle_error(server, request, client_address):
    """As handle_error(): raise."""
    raise RuntimeError("told to fail again")


class BrittleInChildren(socket.socket):
    """A connection that a child fails to close."""

    parent = None

    def close(self):
        """Close, and raise in a child nevertheless."""
        super().close()
        if os.getpid() != self.parent:
            raise OSError(errno.EIO, "told to fail")


class BrittleInTheParent(socket.socket):
    """A connection that the server's process fails to close once."""

    parent = None

    def close(self):
        """Raise instead, if this is the server's process and the first time."""
        if os.getpid() == self.parent:
            self.parent = None
            raise OSError(errno.EIO, "told to fail")
        super().close()


def take_in_what_children_fail_to_close(server):
    """As get_request(): take in a connection that fails to be closed in a child."""
    return take_in_as(server, BrittleInChildren)


def take_in_what_the_parent_fails_to_close(server):
    """As get_request(): take in a connection that fails to be closed in the server's process."""
    return take_in_as(server, BrittleInTheParent)


def take_in_as(server, connection_class):
    """Take in a connection, and return it as a *connection_class*, with the client's address."""
    request, client_address = server.inherited.get_request()
    family, kind, protocol = request.family, request.type, request.proto
    connection = connection_class(family, kind, protocol, fileno=request.detach())
    connection.parent = server.stage.pid
    return connection, client_address


def answer_later(visit):
    """Answer when the test opens the gate."""
    visit.wait("hold")
    visit.send(b"the answer")


def let_interrupts_be(stage):
    """Have SIGINT raise KeyboardInterrupt, whatever this process was started with."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def note_how_children_end(stage):
    """Report the exit status of each child that anybody asks for by a function of os."""
    for name in ("wait", "wait3", "wait4", "waitpid"):
        setattr(os, name, _noting(stage, getattr(os, name), lambda found: _status(found[1])))
    os.waitid = _noting(stage, os.waitid, lambda found: found.si_status * (1 if found.si_code == os.CLD_EXITED else -1))


def _noting(stage, ask, status_of):
    def ask_and_note(*arguments):
        found = ask(*arguments)
        if found and found[0]:
            stage.record("child.collected", child=found[0], status=status_of(found))
        return found

    return ask_and_note


def _status(status):
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def hold_a_stranger(stage):
    """Have a child that is not the server's and ends when the test opens the gate; return its number."""
    pid = os.fork()
    if pid == 0:
        stage.wait("hold")
        os._exit(42)
    return pid


def start_a_program(stage):
    """Have a child by subprocess that ends with status 42; return its number."""
    stage.stranger = subprocess.Popen(EXIT_42)
    return stage.stranger.pid


def end_of_the_program(stage, _):
    """Return the exit status of that child, as subprocess tells."""
    return stage.stranger.wait()


def start_a_process(stage):
    """Have a child by multiprocessing that ends with status 42; return its number."""
    stage.stranger = multiprocessing.get_context("fork").Process(target=os._exit, args=(42,))
    stage.stranger.start()
    return stage.stranger.pid


def end_of_the_process(stage, _):
    """Return the exit status of that child, as multiprocessing tells."""
    stage.stranger.join()
    return stage.stranger.exitcode


def fork_a_stranger(stage):
    """Have a child that is not the server's and ends with status 42; return its number."""
    pid = os.fork()
    if pid == 0:
        os._exit(42)
    return pid


def ask_for(stage, pid):
    """Return the exit status of the child *pid*, or None if someone else has asked for it before."""
    try:
        return _status(os.waitpid(pid, 0)[1])
    except ChildProcessError:
        return None


def let_the_next_fork_fail(stage):
    """Let os.fork() fail once, as it does when there are too many processes."""
    fork = os.fork

    def fail_once():
        os.fork = fork
        stage.record("fork.refused")
        raise BlockingIOError(errno.EAGAIN, "told to fail")

    os.fork = fail_once


def let_each_fork_fail(stage):
    """Let os.fork() fail from now on."""

    def fail_always():
        raise BlockingIOError(errno.EAGAIN, "told to fail")

    os.fork = fail_always


def refuse(server, request, client_address):
    """As verify_request(): let nobody in."""
    return False


# -- whose code a child runs -------------------------------------------------------------------------------------------


def say_whose_child_this_is(visit):
    """Report the parent of this process."""
    visit.record("parent", parent=os.getppid())


def say_which_thread_this_is(visit):
    """Report whether this is the main thread, and how many there are."""
    main = threading.current_thread() is threading.main_thread()
    visit.record("thread", main=main, count=threading.active_count())


def say_what_is_left_of_the_server(visit):
    """Report whether the server's socket is an open one, and whether it is what fileno() names."""
    own = visit.server.socket.fileno()
    is_open = own >= 0 and stat.S_ISSOCK(os.fstat(own).st_mode)
    visit.record("socket", open=is_open, named=visit.server.fileno() == own)


def close_the_socket(visit):
    """Answer a datagram, and close the socket that came with it."""
    visit.send(visit.data)
    visit.request[1].close()


def draw(visit):
    """Report a random number."""
    visit.record("drawn", number=random.random())  # noqa: S311 - it need not be secret


def have_a_child(visit):
    """Have a child by os.fork(), and report how it ended."""
    visit.record("grandchild", status=ask_for(visit.stage, fork_a_stranger(visit.stage)))


def run_a_program(visit):
    """Have a child by subprocess, and report how it ended."""
    visit.record("grandchild", status=subprocess.call(EXIT_42))


def take_exceptions_for_warnings(stage):
    """Turn warnings into exceptions, as `python -W error` does."""
    warnings.simplefilter("error")


def register_an_exit_handler(stage):
    """Have something to do when Python exits."""
    atexit.register(stage.record, "exit.handler")


def handle_and_clean_up(stage):
    """Handle one request with something to do afterwards."""
    try:
        stage.servers[0].handle_request()
    finally:
        stage.record("cleanup")


def collect(stage):
    """Call collect_children() in all three ways; return what it returns."""
    server = stage.servers[0]
    return [
        server.collect_children(),
        server.collect_children(blocking=False),
        server.collect_children(blocking=True),
    ]


def ignore_the_end_of_children(stage):
    """Have the system forget children that have ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)


def collect_whoever_ends(stage):
    """Have a signal handler collect all children that have ended, as some programs do."""

    def collect_all(number, frame):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass

    signal.signal(signal.SIGCHLD, collect_all)


def note_vain_questions(stage):
    """Report, and put an end to it, when os.waitpid() is called again and again without any child."""
    wait = os.waitpid
    unanswered = []

    def count_unanswered(pid, options):
        try:
            return wait(pid, options)
        except ChildProcessError:
            unanswered.append(pid)
            if len(unanswered) == ENDLESS:
                stage.record("asked.endlessly")
                raise RuntimeError("asked for children endlessly") from None
            raise

    os.waitpid = count_unanswered


def hold_each_fork(stage):
    """Let os.fork() wait until the test opens a gate."""
    fork = os.fork

    def wait_and_fork():
        stage.wait("one")
        return fork()

    os.fork = wait_and_fork


def wait_for_children(stage):
    """Call collect_children() so that it waits."""
    stage.servers[0].collect_children(blocking=True)


# -- what a child writes -----------------------------------------------------------------------------------------------


def redirect_errors(stage):
    """Let standard error go to a file, as `2>errors` does."""
    file = os.open(os.path.join(stage.folder, "errors"), os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 2)
    os.close(file)


def redirect_output(stage):
    """Let what is printed go to a file; like any file it is buffered."""
    sys.stdout = open(os.path.join(stage.folder, "printed"), "w")  # noqa: SIM115 - end_output closes it


def write_into_a_file(stage):
    """Write a line into a file; it stays in the buffer."""
    stage.servers[0].file = open(os.path.join(stage.folder, "written"), "w")  # noqa: SIM115 - end_the_file closes it
    stage.servers[0].file.write("written by the parent\n")


def end_the_file(stage):
    """Write out what is in the buffer of the file."""
    stage.servers[0].file.close()


def print_something(stage):
    """Print a line, which stays in the buffer."""
    sys.stdout.write("printed by the parent\n")


def print_and_fail(visit):
    """Print a line, and raise what servers report."""
    print_in_the_child(visit)
    fail(visit)


def print_and_be_interrupted(visit):
    """Print a line, and raise what servers do not catch."""
    print_in_the_child(visit)
    interrupt(visit)


def print_and_leave(visit):
    """Print a line, and leave as programs do."""
    print_in_the_child(visit)
    leave(visit)


def print_in_the_child(visit):
    """Print a line, which stays in the buffer."""
    sys.stdout.write("printed by a child\n")


def end_output(stage):
    """Write out what is in the buffer."""
    sys.stdout.close()
    sys.stdout = sys.__stdout__
