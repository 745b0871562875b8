"""Servers of the candidate: built and used as its users do."""

import threading
import time

from conformance.benchmarks.behaviours import workloads
from conformance.benchmarks.behaviours.arranging import BACKLOG, announce, free_address


def serve(stage, server_class, workload, attributes):
    """Serve for ever in this thread, which is the main one."""
    server = build(stage, server_class, workload, attributes)
    announce(stage, server.socket)
    server.serve_forever()


def build(stage, server_class, workload, attributes):
    """Return a server of the candidate's class that does the work."""
    members = dict({"request_queue_size": BACKLOG}, **attributes)
    derived = type("Measured", (getattr(stage.candidate, server_class["name"]),), members)
    return derived(free_address(stage, server_class), _handler(stage.candidate, workload))


def _handler(candidate, workload):
    if workload == "lines":
        return type("Handler", (candidate.StreamRequestHandler,), {"handle": _answer_lines})
    if workload == "download":
        return type("Handler", (candidate.StreamRequestHandler,), {"handle": _answer_at_length})
    if workload in workloads.DATAGRAMS:
        work = workloads.DATAGRAMS[workload]

        def handle(self):
            data, near_end = self.request
            work(data, lambda answer: near_end.sendto(answer, self.client_address))

    else:
        work = workloads.CONNECTIONS[workload]

        def handle(self):
            work(self.request)

    return type("Handler", (candidate.BaseRequestHandler,), {"handle": handle})


def _answer_lines(handler):
    for line in handler.rfile:
        handler.wfile.write(line)


def _answer_at_length(handler):
    handler.connection.recv(workloads.LARGEST)
    handler.wfile.write(bytes(workloads.LARGE_REPLY))


def construct_and_close(stage, server_class, count):
    """Build and close so many servers; return the seconds that one took."""
    addresses = [free_address(stage, server_class) for _ in range(count)]
    derived = getattr(stage.candidate, server_class["name"])
    begin = time.perf_counter()
    for address in addresses:
        derived(address, None).server_close()
    return (time.perf_counter() - begin) / count


def begin_to_serve(stage, server_class):
    """Let a server serve in a thread with what it does by default, and return when it is about to wait."""
    turned = threading.Event()
    stage.server = build(stage, server_class, "reply", {})
    stage.loop = threading.Thread(target=_loop, args=(stage.server, turned), daemon=True)
    stage.loop.start()
    turned.wait()


def _loop(server, turned):
    turned.set()
    server.serve_forever()


def shut_down(stage):
    """Stop the loop; return the seconds until it had ended."""
    begin = time.perf_counter()
    stage.server.shutdown()
    stage.loop.join()
    return time.perf_counter() - begin
