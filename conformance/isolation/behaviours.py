"""What the host runs for this area."""

import errno
import os
import signal
import sys


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def pass_by(visit):
    """Do nothing."""


def echo(visit):
    """Answer a datagram with the same."""
    visit.send(visit.data)


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


def leave_at_once(visit):
    """Leave without any more ado."""
    visit.record("handler.exit")
    os._exit(7)


def kill_itself(visit):
    """Be ended by a signal."""
    visit.record("handler.exit")
    os.kill(os.getpid(), signal.SIGKILL)


def take_a_child(stage):
    """Wait for a child of this process before the server does; return its exit status, negative for a signal."""
    return _status(os.waitpid(-1, 0)[1])


def _status(status):
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


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
        raise BlockingIOError(errno.EAGAIN, "told to fail")

    os.fork = fail_once


# -- whose code a child runs -------------------------------------------------------------------------------------------


def say_whose_child_this_is(visit):
    """Report the parent of this process."""
    visit.record("parent", parent=os.getppid())


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


# -- what a child writes -----------------------------------------------------------------------------------------------


def redirect_errors(stage):
    """Let standard error go to a file, as `2>errors` does."""
    file = os.open(os.path.join(stage.folder, "errors"), os.O_WRONLY | os.O_CREAT)
    os.dup2(file, 2)
    os.close(file)


def redirect_output(stage):
    """Let what is printed go to a file; like any file it is buffered."""
    sys.stdout = open(os.path.join(stage.folder, "printed"), "w")  # noqa: SIM115 - end_output closes it


def print_something(stage):
    """Print a line, which stays in the buffer."""
    sys.stdout.write("printed by the parent\n")


def print_in_the_child(visit):
    """Print a line, which stays in the buffer."""
    sys.stdout.write("printed by a child\n")


def end_output(stage):
    """Write out what is in the buffer."""
    sys.stdout.close()
    sys.stdout = sys.__stdout__
