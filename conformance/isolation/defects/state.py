"""Ways to get the state of children wrong."""

import contextlib
import json
import os
import random
import signal
import stat
import time

from conformance.isolation.defects.patching import extend
from harness.host.breaking import breaks, instead_of


@breaks("isolation.changes-stay-in-the-child")
def environment_comes_back(impl):
    """The environment of the child is that of the parent when it has ended."""

    def process_request(inherited, server, request, client_address):
        reader, server.carrier = os.pipe()
        inherited(request, client_address)
        os.close(server.carrier)
        with os.fdopen(reader) as report:
            os.environ.update(json.loads(report.read() or "{}"))

    def finish_request(inherited, server, request, client_address):
        inherited(request, client_address)
        os.write(server.carrier, json.dumps(dict(os.environ)).encode("ascii"))

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.children-see-the-state-at-the-fork")
def children_see_the_state_at_the_first_request(impl):
    """The child's server has the attributes that it had when the first request came."""

    def process_request(inherited, server, request, client_address):
        vars(server).setdefault("first", dict(vars(server)))
        inherited(request, client_address)

    def finish_request(inherited, server, request, client_address):
        first = server.first
        vars(server).clear()
        vars(server).update(first)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.children-see-the-state-when-serving-begins")
def the_first_child_sees_the_server_as_it_was_built(impl):
    """The child of the first request has a server with the attributes of when it was constructed."""

    @instead_of(impl.TCPServer, "__init__")
    def build(inherited, self, *arguments):
        inherited(self, *arguments)
        self.built = dict(vars(self))

    def process_request(inherited, server, request, client_address):
        inherited(request, client_address)
        server.built = None

    def finish_request(inherited, server, request, client_address):
        if server.built:
            built = server.built
            vars(server).clear()
            vars(server).update(built)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.files-and-shared-memory-are-shared")
def children_read_files_from_the_start(impl):
    """The child opens all files again."""

    def finish_request(inherited, server, request, client_address):
        for name in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                if stat.S_ISREG(os.fstat(int(name)).st_mode):
                    os.dup2(os.open("/proc/self/fd/" + name, os.O_RDWR), int(name))
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.children-draw-different-numbers")
def children_draw_the_same_numbers(impl):
    """Random numbers of a child are as those of its parent would be."""

    def process_request(inherited, server, request, client_address):
        server.randomness = random.getstate()
        inherited(request, client_address)

    def finish_request(inherited, server, request, client_address):
        random.setstate(server.randomness)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.closing-in-a-child-stays-there")
def a_child_waits_for_its_siblings(impl):
    """server_close() in a child does not return while the server's process lives."""

    def process_request(inherited, server, request, client_address):
        server.parent = os.getpid()
        inherited(request, client_address)

    def server_close(inherited, server):
        inherited()
        while vars(server).get("parent") == os.getppid():
            time.sleep(0.05)

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "server_close", server_close)


@breaks("isolation.children-see-the-state-at-the-fork")
def children_have_the_signal_handlers_of_python(impl):
    """The child has forgotten how its parent reacts to signals."""

    def finish_request(inherited, server, request, client_address):
        signal.signal(signal.SIGUSR1, signal.SIG_DFL)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "finish_request", finish_request)
