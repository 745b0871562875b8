"""A candidate that serves no request ends the run early, with the one cause that all checks would show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness import smoke
from harness.candidates import resolve

Check = Callable[[str], str | None]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Write a candidate and give it a chance to serve."""

    def written(source: str) -> str | None:
        path = tmp_path / "mine.py"
        path.write_text("import socketserver\nfrom socketserver import *\n" + source)
        return smoke.check(resolve(str(path)), fresh=False)

    return written


def test_a_candidate_that_serves_says_nothing(check: Check) -> None:
    assert check("") is None


def test_one_server_that_serves_is_enough(check: Check) -> None:
    assert check("class TCPServer(socketserver.TCPServer):\n    def __init__(self): pass\n") is None


def test_one_way_of_serving_is_enough(check: Check) -> None:
    assert check("socketserver.BaseServer.serve_forever = None\n") is None


def test_a_module_of_mix_ins_has_nothing_to_show(check: Check) -> None:
    names = "TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer"
    assert check(f"from socketserver import BaseServer\ndel {names}\n") is None


def test_a_wrong_constructor_is_one_line_and_its_traceback(check: Check) -> None:
    wrong = check("def __init__(self): pass\nsocketserver.TCPServer.__init__ = __init__\n")

    assert wrong is not None
    first, *traceback = wrong.splitlines()
    assert "serves no request: TCPServer: in the host: TypeError" in first
    assert "__init__() takes 1 positional argument" in first
    assert traceback[0].startswith("Traceback")


def test_a_loop_that_takes_nothing_in_is_seen_to_rest(check: Check) -> None:
    source = "import threading\n"
    for name in ("serve_forever", "handle_request"):
        source += f"socketserver.BaseServer.{name} = lambda *arguments: threading.Event().wait()\n"

    wrong = check(source)

    assert wrong is not None
    assert "TCPServer.serve_forever(): a request in TCPServer.serve_forever() does not come" in wrong
