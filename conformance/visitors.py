"""Clients that have made a request, whatever the transport of the server."""

import select

from harness import processes


def visitor(server, server_class, data=b"a visit\n"):
    """Return a new client that has connected where that is needed, and has sent *data*."""
    client = server.connect() if server_class.transport == "stream" else server.datagrams()
    client.send(data)
    return client


def visitors(server, server_class, count, data=b"a visit\n"):
    """Return *count* new clients that have made their requests one after another."""
    return [visitor(server, server_class, data) for _ in range(count)]


def arrivals(events, clients):
    """Return for each of *events* the place of its client among *clients*, which came in this order."""
    names = [client.name for client in clients]
    return [names.index(event.client) for event in events]


def was_closed(client):
    """Tell whether the end of its connection has reached *client* by now."""
    return bool(select.select([client.socket], [], [], 0)[0]) and client.receive() == b""


def sees_the_end(host, client):
    """Wait until *client* has the end of its connection (True), or nobody in *host* is expected to bring it (False)."""
    return host.becomes(lambda: was_closed(client), "the end of the connection")


def connections(server, count):
    """Wait until *count* handlers have said what their connection is called in /proc, and return that."""
    server.wait_for("connection", count=count)
    return [event.details["name"] for event in server.history().of("connection")]


def holds(pid, descriptor):
    """Tell whether process *pid* has a descriptor for *descriptor*, which is named as in /proc."""
    return descriptor in processes.descriptors(pid).values()
