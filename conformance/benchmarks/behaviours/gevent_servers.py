"""What one would write with gevent instead of using threads."""

import importlib

from conformance.benchmarks.behaviours import workloads
from conformance.benchmarks.behaviours.arranging import BACKLOG, announce, free_address

# An extra that may be missing; whoever loads this module has asked before.
_servers = importlib.import_module("gevent.server")
_sockets = importlib.import_module("gevent.socket")


def serve(stage, server_class, workload, attributes):
    """Serve for ever; *attributes* are of no concern here."""
    if server_class["transport"] == "datagram":
        server = _Datagrams(free_address(stage, server_class))
        server.work = workloads.DATAGRAMS[workload]
    else:
        server = _servers.StreamServer(_address(stage, server_class), _handler(workloads.CONNECTIONS[workload]))
    server.start()
    announce(stage, server.socket)
    server.serve_forever()


def _address(stage, server_class):
    if server_class["family"] == "inet":
        return free_address(stage, server_class)
    listening = _sockets.socket(_sockets.AF_UNIX, _sockets.SOCK_STREAM)
    listening.bind(free_address(stage, server_class))
    listening.listen(BACKLOG)
    return listening


def _handler(work):
    return lambda connection, address: work(connection)


class _Datagrams(_servers.DatagramServer):
    def handle(self, data, address):
        self.work(data, lambda answer: self.socket.sendto(answer, address))
