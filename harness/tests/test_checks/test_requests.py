"""Which requests the clients made."""

from harness.checks.requests import requests_of
from harness.history.script import history_of


def test_to_connect_to_a_stream_server_is_a_request() -> None:
    history = history_of("client.connect client=a", "client.send client=a data=x", "handler.enter client=a")

    assert requests_of(history) == [history[0]]


def test_to_send_to_a_datagram_server_is_a_request_each_time() -> None:
    history = history_of(
        "client.connect client=a",
        "client.send client=a data=x",
        "client.send client=a data=y",
        "handler.enter client=a data=x",
    )

    assert requests_of(history) == [history[1], history[2]]


def test_to_send_without_having_connected_is_a_request() -> None:
    history = history_of("client.send client=a data=x")

    assert requests_of(history) == [history[0]]
