"""How the defects of this area change threads."""

import threading


def start_thread(server, request, client_address):
    """Start the thread of a request as ThreadingMixIn does, and return it."""
    thread = threading.Thread(target=server.process_request_thread, args=(request, client_address))
    thread.daemon = server.daemon_threads
    thread.start()
    return thread


def after_closing(impl, act):
    """Let server_close() of servers with threads call act(server) at its end."""
    inherited = impl.ThreadingMixIn.server_close

    def server_close(self):
        inherited(self)
        act(self)

    impl.ThreadingMixIn.server_close = server_close
