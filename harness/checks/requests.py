"""Which requests the clients made, whatever the transport."""

from harness.history.events import Event
from harness.history.history import History


def requests_of(history: History) -> list[Event]:
    """Return one event for each request: connecting, or sending where each datagram is a request.

    A server's handlers are for datagrams if they say what arrived (``data`` in handler.enter), for
    connections otherwise.  Who sends without ever having connected asks with each sending, too.
    """
    if any("data" in entered.details for entered in history.of("handler.enter")):
        return history.of("client.send")
    connected = {event.client for event in history.of("client.connect")}
    return [
        event
        for event in history.of("client.*")
        if event.kind == "client.connect" or (event.kind == "client.send" and event.client not in connected)
    ]
