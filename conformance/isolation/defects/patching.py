"""How the defects of this area change a candidate."""

import os
import sys


def extend(mix_in, method, replacement):
    """Let *replacement*, a function of (inherited, server, *arguments), stand for a method of *mix_in*."""
    own = vars(mix_in).get(method)

    def extended(self, *arguments, **options):
        inherited = getattr(super(mix_in, self), method) if own is None else own.__get__(self)
        return replacement(inherited, self, *arguments, **options)

    setattr(mix_in, method, extended)


def fork_by_hand(impl, be_the_child):
    """Let forking servers fork without any care; the child runs be_the_child(server, request, client_address)."""

    def process_request(self, request, client_address):
        pid = os.fork()
        if pid == 0:
            be_the_child(self, request, client_address)
            return
        self.active_children = (self.active_children or set()) | {pid}
        self.close_request(request)

    impl.ForkingMixIn.process_request = process_request


def handle(server, request, client_address):
    """Handle a request as a child does; return its exit status."""
    try:
        server.finish_request(request, client_address)
    except Exception:  # noqa: BLE001 - whatever a handler raises
        server.handle_error(request, client_address)
        return 1
    finally:
        server.shutdown_request(request)
    return 0


def end(status):
    """End a child as it should: with all that was printed, and with *status*."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
