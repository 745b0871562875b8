"""Clients that keep requests under way, against servers that are as simple as possible."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.measuring import load
from harness.measuring.load import LoadError

REQUEST = b"hello"


@contextmanager
def serving(work: Callable[[socket.socket], None]) -> Iterator[tuple[str, int]]:
    """Let a thread do its work with one connection after the other."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    work(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def echo(connection: socket.socket) -> None:
    connection.sendall(connection.recv(100))


def echo_too_little(connection: socket.socket) -> None:
    connection.sendall(connection.recv(100)[:2])


def echo_all(connection: socket.socket) -> None:
    while data := connection.recv(100):
        connection.sendall(data)


@pytest.mark.parametrize("clients", [1, 3, 20])
def test_every_request_is_made(clients: int) -> None:
    handled: list[int] = []

    def work(connection: socket.socket) -> None:
        echo(connection)
        handled.append(1)

    with serving(work) as address:
        spent = load.connections(address, socket.AF_INET, REQUEST, clients, 12)

    assert len(handled) == 12
    assert spent.seconds > 0
    assert spent.processor > 0


def test_a_reply_that_is_too_short_is_no_reply() -> None:
    with serving(echo_too_little) as address, pytest.raises(LoadError, match="2 bytes came, 5 were expected"):
        load.connections(address, socket.AF_INET, REQUEST, 1, 3)


def test_a_dialogue_is_answered_line_by_line() -> None:
    with serving(echo_all) as address, load.dialogue(address, socket.AF_INET, REQUEST) as speak:
        assert speak(5).seconds > 0


def test_a_dialogue_that_breaks_off_is_a_failure() -> None:
    with (
        serving(echo_too_little) as address,
        load.dialogue(address, socket.AF_INET, REQUEST) as speak,
        pytest.raises(LoadError, match="ended within a reply"),
    ):
        speak(5)


def test_downloads_are_counted_to_the_last_byte() -> None:
    def send(connection: socket.socket) -> None:
        connection.recv(100)
        connection.sendall(bytes(100_000))

    with serving(send) as address:
        assert load.downloads(address, socket.AF_INET, REQUEST, 100_000, 2).seconds > 0
        with pytest.raises(LoadError, match="100000 bytes came, 7 were"):
            load.downloads(address, socket.AF_INET, REQUEST, 7, 1)


def test_latencies_are_counted_from_the_time_that_was_set() -> None:
    stalled = threading.Event()

    def stall_once(connection: socket.socket) -> None:
        if not stalled.is_set():
            stalled.set()
            threading.Event().wait(0.2)  # the stall that is to be seen
        echo(connection)

    with serving(stall_once) as address:
        latencies = load.timetable(address, socket.AF_INET, REQUEST, 100.0, 10)

    assert len(latencies) == 10
    assert sum(each > 0.1 for each in latencies) >= 5  # all that were to begin in the first half of the stall


def test_connections_are_held_open_and_let_go() -> None:
    def answer_at_the_end() -> None:
        for _ in range(2):
            *silent, asking = [listening.accept()[0] for _ in range(2 if accepted else 3)]
            accepted.extend(silent)
            with asking:
                echo(asking)

    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        thread = threading.Thread(target=answer_at_the_end)
        thread.start()
        with load.held(listening.getsockname(), socket.AF_INET, REQUEST) as hold:
            hold(2)
            hold(3)
            thread.join()
            held = len(accepted)
        ended = [connection.recv(1) for connection in accepted]
    for connection in accepted:
        connection.close()

    assert (held, ended) == (3, [b""] * 3)


@contextmanager
def unpaused() -> Iterator[None]:
    yield


def test_all_who_ask_at_once_are_waited_for() -> None:
    with serving(echo) as address:
        assert load.at_once(unpaused, address, socket.AF_INET, REQUEST, 10).seconds > 0


def test_who_asks_at_once_and_gets_too_little_is_not_answered() -> None:
    with serving(echo_too_little) as address, pytest.raises(LoadError, match="2 bytes came, 5 were expected"):
        load.at_once(unpaused, address, socket.AF_INET, REQUEST, 3)


def test_datagrams_that_are_sent_at_once_are_all_waited_for() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer_backwards() -> None:
            received = [server.recvfrom(100) for _ in range(5)]
            answered.extend(server.sendto(*each) for each in reversed(received))

        answered: list[int] = []
        thread = threading.Thread(target=answer_backwards)
        thread.start()
        with load.all_of(udp, 5) as clients:
            load.datagrams_at_once(unpaused, server.getsockname(), clients, REQUEST)
        thread.join()

    assert answered == [5] * 5


def test_datagrams_come_back_one_by_one() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            for _ in range(9):
                data, address = server.recvfrom(100)
                server.sendto(data, address)

        thread = threading.Thread(target=answer)
        thread.start()
        with load.all_of(udp, 4) as clients:
            spent = load.datagrams(server.getsockname(), clients, REQUEST, 9)
        thread.join()

    assert spent.seconds > 0


def test_a_count_is_asked_for_until_it_stands_still() -> None:
    answers = iter([b"3", b"5", b"5"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def answer() -> None:
            for each in answers:
                server.sendto(each, server.recvfrom(100)[1])

        thread = threading.Thread(target=answer)
        thread.start()
        with udp() as client:
            client.connect(server.getsockname())
            count = load.counted(client)
        thread.join()

    assert count == 5


def udp() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
