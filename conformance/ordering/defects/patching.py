"""What several defects of this area do to a server."""

import select
import threading

from harness.host.breaking import instead_of


def someone_waits(server):
    """Tell whether a request is waiting to be taken in."""
    return bool(select.select([server], [], [], 0)[0])


def mark_loops(impl):
    """Let servers know, by is_looping, whether serve_forever() runs."""
    inherited = impl.BaseServer.serve_forever

    def serve_forever(self, poll_interval=0.5):
        self.is_looping = True
        try:
            inherited(self, poll_interval)
        finally:
            self.is_looping = False

    impl.BaseServer.is_looping = False
    impl.BaseServer.row = 0
    impl.BaseServer.serve_forever = serve_forever


def in_single_calls_while_others_wait(impl, owner, act):
    """Let process_request() of *owner* call act(inherited, ...) for what a single call takes in while others wait."""
    mark_loops(impl)

    @instead_of(owner, "process_request")
    def process(inherited, self, request, client_address):
        if self.is_looping or not someone_waits(self):
            inherited(self, request, client_address)
        else:
            act(inherited, self, request, client_address)


def count_requests(impl):
    """Let servers know, by taken_in, how many requests they have taken in."""
    impl.BaseServer.taken_in = 0
    for server_class in (impl.TCPServer, impl.UDPServer):
        server_class.get_request = _and_count(server_class.get_request)


def _and_count(inherited):
    def get_request(self):
        self.taken_in += 1
        return inherited(self)

    return get_request


def is_third_in_a_row(server):
    """Count those that a loop takes in while another waits; tell whether this is the third. See mark_loops()."""
    server.row = server.row + 1 if server.is_looping and someone_waits(server) else 0
    return server.row == 3


def handle(server, request, client_address):
    """Have one request that was taken in verified, handled and closed."""
    try:
        if server.verify_request(request, client_address):
            server.process_request(request, client_address)
        else:
            server.shutdown_request(request)
    except Exception:  # noqa: BLE001 - as servers do
        server.handle_error(request, client_address)
        server.shutdown_request(request)
    except BaseException:
        server.shutdown_request(request)
        raise


def in_a_thread(function, *arguments, patience=None):
    """Call *function* in a thread of its own, wait for it as long as *patience* lasts, and raise what it raised."""
    raised = []

    def run():
        try:
            function(*arguments)
        except BaseException as error:  # noqa: BLE001 - the caller is told, whatever it was
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(patience)
    if raised:
        raise raised[0]
