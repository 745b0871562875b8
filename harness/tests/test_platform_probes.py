"""The probes ask the kernel and the interpreter, and are described."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from harness import platform_probes
from harness.platform_probes import PROBES
from harness.tests.arranging import facts_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "known-deviations.md"
FACTS = facts_of("3.8.18")


@pytest.fixture(autouse=True)
def forget():
    """Let each test ask the kernel anew."""
    platform_probes._refuses_reuse_port.cache_clear()
    yield
    platform_probes._refuses_reuse_port.cache_clear()


@pytest.mark.parametrize("refuses", [True, False])
def test_whether_unix_sockets_refuse_to_share_is_what_the_kernel_says(monkeypatch, refuses):
    asked = []

    class Socket(socket.socket):
        def setsockopt(self, *arguments):
            asked.append((self.family, *arguments))
            if refuses:
                raise OSError("Operation not supported")

    monkeypatch.setattr(socket, "socket", Socket)

    assert PROBES["unix-sockets-refuse-reuse-port"](FACTS) is refuses
    assert asked == [(socket.AF_UNIX, socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)]


@pytest.mark.parametrize("missing", ["AF_UNIX", "SO_REUSEPORT"])
def test_what_a_system_does_not_have_it_refuses(monkeypatch, missing):
    monkeypatch.delattr(socket, missing)

    assert PROBES["unix-sockets-refuse-reuse-port"](FACTS)


@pytest.mark.parametrize("gil", [True, False])
def test_an_interpreter_without_a_global_lock_is_free_threaded(gil):
    assert PROBES["free-threaded"](replace(FACTS, gil=gil)) is not gil


@pytest.mark.parametrize("name", PROBES)
def test_each_probe_is_described(name):
    described = str(PROBES[name].__doc__).partition(":")[0].rstrip(".")

    assert f"| `{name}` | {described}" in DOCUMENT.read_text(encoding="utf-8")
