"""Whatever befalls a client is an event of the right kind and a value; nothing of it is an exception."""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from harness.clients import AbstractClient, DatagramClient, StreamClient
from harness.deadlines import Deadline
from harness.hosts import Host
from harness.machine import has_ipv6
from harness.outcomes import DeadlinePassed, HostDied, Stalled
from harness.tests.test_host import acts

FAMILIES = [socket.AF_INET, *([socket.AF_INET6] if has_ipv6() else []), socket.AF_UNIX]


@pytest.fixture(params=FAMILIES, ids=lambda family: family.name)
def family(request: pytest.FixtureRequest) -> socket.AddressFamily:
    found: socket.AddressFamily = request.param
    return found


class Other:
    """The other side: a socket of this test, in this process."""

    def __init__(self, host: Host, family: int, kind: int) -> None:
        self.host, self.family = host, family
        self.socket = socket.socket(family, kind)
        self.socket.settimeout(10)
        path = str(host.folder / "other")
        addresses: dict[int, Any] = {socket.AF_INET: ("127.0.0.1", 0), socket.AF_INET6: ("::1", 0)}
        self.socket.bind(addresses.get(family, path))
        self.address = self.socket.getsockname()
        host.at_end(self.socket.close)

    def connection(self) -> tuple[StreamClient, socket.socket]:
        """Return both ends of a new connection."""
        client = StreamClient(self.host, self.address, self.family)
        assert client.connected
        connection, _ = self.socket.accept()
        connection.settimeout(10)
        self.host.at_end(connection.close)
        return client, connection


@pytest.fixture
def listener(host: Host, family: int) -> Other:
    other = Other(host, family, socket.SOCK_STREAM)
    other.socket.listen(5)
    return other


@pytest.fixture
def connected(listener: Other) -> Iterator[tuple[StreamClient, socket.socket]]:
    with ExitStack() as at_end:
        client, connection = listener.connection()
        at_end.enter_context(client)
        at_end.enter_context(connection)
        yield client, connection


def befell(client: StreamClient | DatagramClient) -> list[str]:
    """Return what the history says of *client*, without the prefix that all share."""
    return [event.kind.removeprefix("client.") for event in client._host.history().of("client.*", client=client.name)]


Connected = tuple[StreamClient, socket.socket]


# -- streams -----------------------------------------------------------------------------------------------------------


def test_a_dialogue_is_written_down(connected: Connected) -> None:
    client, connection = connected
    client.send(b"question")
    assert connection.recv(100) == b"question"
    connection.sendall(b"answer\nrest")
    assert client.read_line() == b"answer\n"
    connection.close()
    assert client.read_all() == b"rest"

    assert befell(client) == ["connect", "send", "receive", "receive", "end"]
    [sent] = client._host.history().of("client.send")
    assert dict(sent.details) == {"client": client.name, "data": "question", "size": 8}


def test_who_tries_to_read_all_has_it_when_the_connection_ends(connected: Connected) -> None:
    client, connection = connected
    connection.sendall(b"all")
    connection.close()

    assert client.try_reading_all() == b"all"
    assert befell(client) == ["connect", "receive", "end"]


def test_who_tries_to_read_all_of_a_broken_connection_has_what_came(connected: Connected) -> None:
    client, connection = connected
    client.send(b"what is never read")
    connection.close()

    assert client.try_reading_all() == b""


def test_who_tries_to_read_all_of_a_connection_without_end_has_nothing(connected: Connected) -> None:
    client, connection = connected
    connection.sendall(b"not all")

    assert client.try_reading_all() is None


def test_a_client_is_known_by_the_name_that_the_other_side_sees(host: Host, listener: Other) -> None:
    client = StreamClient(host, listener.address, listener.family)
    connection, address = listener.socket.accept()
    connection.close()

    assert client.name == (str(address[1]) if isinstance(address, tuple) else address.rpartition("/")[2])


def test_nobody_listens(host: Host, family: int) -> None:
    nobody = Other(host, family, socket.SOCK_STREAM)
    client = StreamClient(host, nobody.address, family)

    assert not client.connected
    assert befell(client) == ["refused"]


def test_there_is_no_such_path(host: Host) -> None:
    client = StreamClient(host, str(host.folder / "nothing"), socket.AF_UNIX)

    assert not client.connected
    assert befell(client) == ["refused"]


def test_what_cannot_be_reached_for_another_reason_fails(host: Host) -> None:
    client = StreamClient(host, "x" * 90, socket.AF_UNIX)
    other = Other(host, socket.AF_UNIX, socket.SOCK_DGRAM)
    wrong_kind = StreamClient(host, other.address, socket.AF_UNIX)

    assert (client.connected, wrong_kind.connected) == (False, False)
    assert befell(client) == ["refused", "fail"]


def test_an_end_is_an_end(connected: Connected) -> None:
    client, connection = connected
    connection.shutdown(socket.SHUT_WR)

    assert client.receive() == b""
    assert befell(client) == ["connect", "end"]


def test_a_reset_is_no_end(listener: Other) -> None:
    client, connection = listener.connection()
    if listener.family == socket.AF_UNIX:
        client.send(b"unread")  # closing with something unread resets a Unix connection
    else:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

    assert client.receive() is None
    assert befell(client)[-1] == "reset"
    [reset] = client._host.history().of("client.reset")
    assert reset.details["during"] == "receive"


def test_sending_to_who_has_gone_is_a_reset(connected: Connected) -> None:
    client, connection = connected
    connection.close()
    for _ in range(3):
        client.send(b"x" * 10_000)

    assert befell(client)[-1] == "reset"
    assert client._host.history().last("client.reset").details["during"] == "send"  # type: ignore[union-attr]


def test_half_a_close_ends_one_direction(connected: Connected) -> None:
    client, connection = connected
    client.send(b"all")
    client.half_close()
    assert connection.recv(100) + connection.recv(100) == b"all"
    connection.sendall(b"heard")
    connection.close()

    assert client.read_all() == b"heard"
    assert befell(client) == ["connect", "send", "half_close", "receive", "end"]


def test_half_a_close_after_the_end_is_harmless(connected: Connected) -> None:
    client, connection = connected
    connection.close()
    client.half_close()
    client.half_close()


def test_breaking_off_is_a_reset_on_the_other_side(connected: Connected, family: int) -> None:
    client, connection = connected
    client.reset()

    if family == socket.AF_UNIX:  # which knows no resets
        assert connection.recv(100) == b""
    else:
        with pytest.raises(ConnectionResetError):
            connection.recv(100)
    assert befell(client) == ["connect", "break"]


@pytest.mark.parametrize("piece", [1, 3, 100, None])
def test_pieces_arrive_as_one_stream_and_are_one_event(connected: Connected, piece: int | None) -> None:
    client, connection = connected
    client.send(b"0123456789", piece=piece)
    client.half_close()

    received = b""
    while chunk := connection.recv(100):
        received += chunk
    assert received == b"0123456789"
    assert befell(client) == ["connect", "send", "half_close"]


def test_nothing_can_be_sent_too(connected: Connected) -> None:
    client, _ = connected
    client.send(b"")

    assert befell(client) == ["connect", "send"]


def test_a_line_without_an_end_is_what_came_of_it(connected: Connected) -> None:
    client, connection = connected
    connection.sendall(b"half a li")
    connection.close()

    assert client.read_line() == b"half a li"


# -- datagrams ---------------------------------------------------------------------------------------------------------


def test_datagrams_go_there_and_back(host: Host, family: int) -> None:
    other = Other(host, family, socket.SOCK_DGRAM)
    client = DatagramClient(host, other.address, family)
    client.send(b"question")
    data, sender = other.socket.recvfrom(100)
    other.socket.sendto(b"", sender)
    other.socket.sendto(data.upper(), sender)

    assert [client.receive(), client.receive()] == [b"", b"QUESTION"]
    assert befell(client) == ["connect", "send", "receive", "receive"]


def test_a_datagram_to_nobody_is_refused(host: Host, family: int) -> None:
    nobody = Other(host, family, socket.SOCK_DGRAM)
    client = DatagramClient(host, nobody.address, family)
    nobody.socket.close()

    assert client.ask(b"anybody?") is None
    assert set(befell(client)[2:]) <= {"refused", "fail", "reset"}


def test_who_asks_hears_the_answer(host: Host, family: int) -> None:
    other = Other(host, family, socket.SOCK_DGRAM)
    with DatagramClient(host, other.address, family) as client:
        other.socket.sendto(b"answer", client.socket.getsockname())

        assert client.try_asking(b"question") == b"answer"
        assert other.socket.recv(100) == b"question"


def test_who_asks_a_silent_one_hears_nothing(host: Host, family: int) -> None:
    other = Other(host, family, socket.SOCK_DGRAM)
    with DatagramClient(host, other.address, family) as client:
        assert client.try_asking(b"question") is None
        assert befell(client) == ["connect", "send"]


def test_who_asks_one_that_is_gone_hears_of_it(host: Host, family: int) -> None:
    other = Other(host, family, socket.SOCK_DGRAM)
    with DatagramClient(host, other.address, family) as client:
        other.socket.close()

        assert client.try_asking(b"question") is None
        assert befell(client) == ["connect", "send", "refused"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has abstract names")
def test_a_client_with_an_abstract_name_is_known_by_it(host: Host) -> None:
    other = Other(host, socket.AF_UNIX, socket.SOCK_DGRAM)
    with AbstractClient(host, other.address, socket.AF_UNIX) as client:
        client.send(b"hello")
        data, address = other.socket.recvfrom(100)

        assert data == b"hello"
        assert address == b"\0" + client.name.encode()


# -- what ends the wait of a client ------------------------------------------------------------------------------------


def test_a_client_of_a_host_that_sleeps_does_not_wait_for_ever(
    connected: Connected, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = connected
    monkeypatch.setattr(client._host, "watch", lambda: Host.watch(client._host, 0.05, 3))

    with pytest.raises(Stalled, match=rf"client {client.name}: receive does not come: nothing in the host has worked"):
        client.receive()


def test_a_client_waits_no_longer_than_its_test_may_last(connected: Connected) -> None:
    client, _ = connected
    client._host.deadline = Deadline(0.05)

    with pytest.raises(DeadlinePassed, match=f"client {client.name}: receive did not come"):
        client.receive()


def test_a_client_hears_of_the_death_of_its_host(connected: Connected) -> None:
    client, _ = connected
    client._host.start(acts.exit_by_os)

    with pytest.raises(HostDied, match="exit status 7 while the test waited for client"):
        client.receive()


def test_a_client_that_a_full_queue_keeps_waiting_does_not_wait_for_ever(
    listener: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = listener.host
    monkeypatch.setattr(host, "watch", lambda: Host.watch(host, 0.05, 3))

    def connect_until_stalled() -> None:
        for _ in range(20):
            StreamClient(host, listener.address, listener.family)

    with pytest.raises(Stalled, match="client unconnected: connect does not come"):
        connect_until_stalled()
