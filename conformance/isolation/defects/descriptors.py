"""Ways to get descriptors wrong."""

import os

from conformance.isolation.defects.patching import extend
from harness.host.breaking import breaks


@breaks("isolation.the-parent-lets-go-of-the-connection")
def parent_keeps_connections(impl):
    """The parent does not close its copy of a connection."""

    def close_request(inherited, server, request):
        if os.getpid() == vars(server).setdefault("parent", os.getpid()):
            vars(server).setdefault("kept", []).append(request)
        else:
            inherited(request)

    extend(impl.ForkingMixIn, "close_request", close_request)
    _note_the_parent(impl)


def _note_the_parent(impl):
    def process_request(inherited, server, request, client_address):
        server.parent = os.getpid()
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.requests-leave-no-descriptors")
def each_request_leaves_a_descriptor(impl):
    """The parent opens something for each request and forgets it."""

    def process_request(inherited, server, request, client_address):
        os.open(os.devnull, os.O_RDONLY)
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.a-child-lets-go-of-the-listening-socket")
def children_keep_the_listening_socket(impl):
    """The child has a copy of the listening socket."""

    def process_request(inherited, server, request, client_address):
        server.copy = server.socket.dup()
        try:
            inherited(request, client_address)
        finally:
            server.copy.close()

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.children-answer-on-the-servers-socket")
def parent_closes_the_socket_of_a_datagram(impl):
    """The parent closes the socket that came with a datagram, which is the server's own."""

    def close_request(inherited, server, request):
        inherited(request)
        if isinstance(request, tuple):
            request[1].close()

    extend(impl.ForkingMixIn, "close_request", close_request)


@breaks("isolation.a-child-may-close-the-socket-of-its-datagram")
def what_a_child_closes_is_closed(impl):
    """The server's process closes the socket of a datagram if its child has."""

    def process_request(inherited, server, request, client_address):
        reader, server.writer = os.pipe()
        inherited(request, client_address)
        os.close(server.writer)
        with os.fdopen(reader) as report:
            if report.read():
                request[1].close()

    def finish_request(inherited, server, request, client_address):
        inherited(request, client_address)
        if isinstance(request, tuple) and request[1].fileno() < 0:
            os.write(server.writer, b"closed")

    extend(impl.ForkingMixIn, "process_request", process_request)
    extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.the-parent-only-closes")
def parent_shuts_requests_down(impl):
    """The parent lets go of a request by shutdown_request()."""

    def close_request(inherited, server, request):
        if vars(server).get("parent") == os.getpid() and not vars(server).get("is_closing"):
            server.is_closing = True
            server.shutdown_request(request)
            server.is_closing = False
        else:
            inherited(request)

    extend(impl.ForkingMixIn, "close_request", close_request)
    _note_the_parent(impl)


@breaks("isolation.requests-leave-no-descriptors")
def failed_forks_leave_a_descriptor(impl):
    """What has been opened for a child stays open if there is none."""

    def process_request(inherited, server, request, client_address):
        spare = os.open(os.devnull, os.O_RDONLY)
        inherited(request, client_address)
        os.close(spare)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.a-child-lets-go-of-the-listening-socket")
def closed_servers_listen_until_their_children_have_ended(impl):
    """server_close() waits for the children first, and closes the socket then."""

    def server_close(self):
        if self.block_on_close:
            self.collect_children(blocking=True)
        super(impl.ForkingMixIn, self).server_close()

    impl.ForkingMixIn.server_close = server_close


@breaks("isolation.the-servers-socket-is-open-in-a-child")
def children_close_the_servers_socket(impl):
    """The child closes the server's socket, which it does not need."""

    def finish_request(inherited, server, request, client_address):
        server.socket.close()
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "finish_request", finish_request)
