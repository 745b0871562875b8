"""A process that has no descriptors left, a kernel without memory, descriptors of high numbers."""

import errno
import os
import resource
import threading

SPARE = 8  # descriptors that a process gets beyond those it has
HIGH = 1100  # more descriptors than select() can watch
ENOUGH = 2 * HIGH  # for those, and what a server opens beyond them
FEW = 3  # attempts: the server goes on trying
ATTEMPTS = 50  # without a rest, which a server that rests after a failure never makes


def do_nothing(visit):
    """Be there."""


def use_up_descriptors(stage):
    """Open what can be opened, so that no connection can be accepted."""
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    stage.limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + SPARE, stage.limits[1]))
    stage.fillers = []
    stage.filling = threading.Lock()
    _fill(stage)


def _fill(stage):
    try:
        while True:
            stage.fillers.append(os.dup(0))
    except OSError as error:
        if error.errno != errno.EMFILE:
            raise


def give_descriptors_back(stage):
    """Close what was opened."""
    with stage.filling:
        fillers, stage.fillers = stage.fillers, None
    for descriptor in fillers:
        os.close(descriptor)
    resource.setrlimit(resource.RLIMIT_NOFILE, stage.limits)


def get_request_noted(server):
    """Report failures; rest after so many that come without a pause."""
    if getattr(server.stage, "fillers", None):
        with server.stage.filling:
            if server.stage.fillers:
                _fill(server.stage)  # again: what was left from the request before may be closed by now
    try:
        return server.inherited.get_request()
    except OSError as error:
        _note_failure(server, error)
        raise


def get_request_without_kernel_memory(server):
    """Fail with the error of the test until the server has been told that this is over."""
    name = server.fails_with  # read once: the test may change it in between
    if not name:
        return server.inherited.get_request()
    error = OSError(getattr(errno, name), "on purpose")
    _note_failure(server, error)
    raise error


def _note_failure(server, error):
    naps = resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw
    server.restless += naps == server.naps
    server.naps = naps
    server.failures += 1
    if server.failures == 1:
        server.stage.record("accept.failed", error=errno.errorcode[error.errno])
    if server.failures == FEW:
        server.stage.record("accept.failed_again")
    if server.restless == ATTEMPTS:
        server.stage.record("accept.failed_often")
        server.stage.wait("hold")


def use_low_descriptors(stage):
    """Open so much that all further descriptors have high numbers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, ENOUGH), hard))
    for _ in range(HIGH):
        os.dup(0)
