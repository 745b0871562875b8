"""Handlers for servers that talk through the files of StreamRequestHandler."""

import itertools
import signal

from conformance.request_handlers.behaviours.connections import long_reply

INTERVAL = 0.002  # seconds between two signals
FEW = 3  # signals, without which nothing was disturbed


def echo_line(visit):
    """Send one line back, through the handler's files."""
    visit.wfile.write(visit.rfile.readline())


def echo_lines(visit):
    """Send every line back, one write a line, through the handler's files."""
    for line in visit.rfile:
        visit.wfile.write(line)


def echo_in_pieces(visit):
    """Read pieces of the sizes that a first line tells, each at once, and then write them in parts of 64 kB at most."""
    sizes = [int(number) for number in visit.rfile.readline().split()]
    for piece in [visit.rfile.read(size) for size in sizes]:
        for start in range(0, len(piece), 65536):
            visit.wfile.write(piece[start : start + 65536])
    visit.wfile.flush()


def write_long(visit):
    """Write a megabyte at once, and say how many bytes were said to be written."""
    visit.request.settimeout(visit.stage.patience)
    visit.record("written", size=visit.wfile.write(long_reply()))


def write_amid_signals(visit):
    """Write sixteen megabytes at once while signals come, and say how many bytes were said to be written."""
    count, numbers = [], itertools.count(1)

    def note(signum=None, frame=None):
        number = next(numbers)  # atomic: the next signal may interrupt this very function
        count.append(number)
        if number == FEW:
            visit.record("signals.came")

    signal.signal(signal.SIGALRM, note)
    signal.setitimer(signal.ITIMER_REAL, INTERVAL, INTERVAL)
    try:
        size = visit.wfile.write(long_reply() * 16)
        visit.wfile.flush()
        visit.record("written", size=size, signals=len(count))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        while len(count) < FEW:
            note()  # too late, but somebody waits for them


def write_and_overtake(visit):
    """Write to wfile, and then send past it."""
    visit.wfile.write(b"first ")
    visit.request.sendall(b"second")


def have_patience(stage, seconds):
    """Let handlers write to their connections with a timeout; None for no end of patience."""
    stage.patience = seconds


def set_on_handler_class(stage, name, value):
    """Set an attribute of the handler class of the server that was built last."""
    setattr(stage.servers[-1].RequestHandlerClass, name, value)
