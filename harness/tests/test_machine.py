"""What a machine lacks is unsupported, not failed."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest

from harness import machine
from harness.outcomes import Unsupported


def test_without_unix_sockets_unix_servers_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")

    with pytest.raises(Unsupported, match="Unix"):
        machine.check_support(SimpleNamespace(family="unix", concurrency="none"))


def test_without_fork_forking_servers_are_unsupported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")

    with pytest.raises(Unsupported, match="fork"):
        machine.check_support(SimpleNamespace(family="inet", concurrency="processes"))


def test_what_the_machine_has_is_supported() -> None:
    machine.check_support(SimpleNamespace(family="unix", concurrency="processes"))
    machine.check_support("ThreadingMixIn+TCPServer")


def test_a_machine_whose_loopback_has_no_ipv6_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "socket", refuse)

    assert not machine.has_ipv6()
