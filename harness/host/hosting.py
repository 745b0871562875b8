"""Turn a newborn process into the host of one test.

The host leads a process group and session of its own, reads nothing, writes into the pipes it was given, reports all
its stacks when asked by SIGQUIT (also from a deadlock: faulthandler needs no lock), and obeys until told to leave.
"""

import faulthandler
import json
import os
import signal
import socket
import sys
import tempfile
from typing import Any, NoReturn

from harness.host import loading
from harness.host.gates import Gates
from harness.host.obeying import Obeying
from harness.host.recorder import Recorder
from harness.host.stage import Stage, resolve

STACKS_SIGNAL = signal.SIGQUIT
LOST = 71  # exit status of a host whose test went away


def become_host(request: "dict[str, Any]", descriptors: "list[int]", candidate: "Any") -> "NoReturn":
    """Be a host: in this process, or in a fresh interpreter when *request* asks for one.  Does not return."""
    os.setsid()
    if request["fresh"]:
        for descriptor in descriptors:
            os.set_inheritable(descriptor, True)
        os.execv(sys.executable, request["command"] + [json.dumps(request), json.dumps(descriptors)])
    sys.exit(_host(request, descriptors, candidate))


def main(request: "dict[str, Any]", descriptors: "list[int]", candidate: "Any") -> "NoReturn":
    """Be a host in a fresh interpreter, in which *candidate* has been loaded before anything else."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    sys.exit(_host(request, descriptors, candidate))


def _host(request: "dict[str, Any]", descriptors: "list[int]", candidate: "Any") -> int:
    control, events, out, err = descriptors[:4]
    _redirect(out, err)
    tempfile.tempdir = request["folder"]
    recorder = Recorder(events)
    _break(candidate, request["defects"])
    gates = Gates(dict(zip(request["gates"], descriptors[4:])), recorder.record)

    def load_again() -> "Any":
        return _break(loading.load_again(request["settings"], candidate), request["defects"])

    stage = Stage(candidate, recorder, gates, request["folder"], load_again)
    # Created after the candidate was loaded: a patched socket module gives us a socket that green threads can share.
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, control)
    connection.set_inheritable(False)
    stage.record("host.ready")
    if Obeying(stage, connection).until_told_to_leave():
        return 0
    os._exit(LOST)


def _break(candidate: "Any", defects: "list[str]") -> "Any":
    for defect in defects:
        resolve(defect)(candidate)
    return candidate


def _redirect(out: int, err: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, standard in ((nothing, 0), (out, 1), (err, 2)):
        os.dup2(descriptor, standard)
        os.close(descriptor)
    faulthandler.enable(2)
    faulthandler.register(STACKS_SIGNAL, file=2, all_threads=True)
