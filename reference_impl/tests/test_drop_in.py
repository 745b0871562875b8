"""reference_impl takes the place of socketserver, also for the standard library's own servers."""

import inspect
import socketserver
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from findpython.providers import ALL_PROVIDERS

import reference_impl
from reference_impl import forking
from reference_impl.readiness import Alarm, Deadline, RequestWatch

ROOT = Path(reference_impl.__file__).parents[1]
INTERPRETERS = [f"python3.{minor}" for minor in range(6, 16)] + ["pypy3"]

SWAP = """
import sys, threading
sys.path.insert(0, {root!r})
import reference_impl
sys.modules["socketserver"] = reference_impl
"""

SERVE = """
threading.Thread(target=server.serve_forever, daemon=True).start()
host, port = server.server_address
"""

HTTP = """
import http.server, urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"answer")
    def log_message(self, *arguments):
        pass
server = HTTPServer(("127.0.0.1", 0), Handler)
"""

XMLRPC = """
import xmlrpc.client
from xmlrpc.server import SimpleXMLRPCServer
server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
server.register_function(lambda: "answer", "ask")
"""

WSGI = """
import urllib.request
from wsgiref.simple_server import WSGIRequestHandler, make_server
class Handler(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass
def application(environ, start_response):
    start_response("200 OK", [])
    return [b"answer"]
server = make_server("127.0.0.1", 0, application, handler_class=Handler)
"""

GET = 'print(urllib.request.urlopen("http://127.0.0.1:%d/" % port).read().decode())\n'
CALL = 'print(xmlrpc.client.ServerProxy("http://127.0.0.1:%d/" % port).ask())\n'
STOP = """
server.shutdown()
server.server_close()
print(isinstance(server, reference_impl.TCPServer), len(reference_impl.__all__))
"""


def run(interpreter: str, program: str) -> list[str]:
    """Run *program* after the swap; return the words that it printed."""
    command = [interpreter, "-B", "-c", SWAP.format(root=str(ROOT)) + program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@cache
def executables() -> dict[str, str]:
    """Return interpreters by the names of their files; findpython.find() would start them all."""
    providers = [provider.create() for provider in ALL_PROVIDERS.values()]
    found = [each for provider in providers if provider for each in provider.find_pythons()]
    # A shim of pyenv starts whatever version is selected there.
    files = [each.executable for each in found if each.executable.parent.name != "shims"]
    return {file.name.rstrip("m"): str(file) for file in files}


@pytest.mark.parametrize("name", INTERPRETERS)
def test_every_interpreter_serves_a_request_with_it(name: str) -> None:
    if name not in executables():
        pytest.skip(f"there is no {name} here")
    assert run(executables()[name], HTTP + SERVE + GET + STOP) == ["answer", "True", "18"]


@pytest.mark.parametrize("program", [XMLRPC + SERVE + CALL, WSGI + SERVE + GET])
def test_the_standard_library_serves_a_request_with_it(program: str) -> None:
    assert run(sys.executable, program + STOP) == ["answer", "True", "18"]


def public_names(holder: type | ModuleType) -> set[str]:
    return {name for name in dir(holder) if not name.startswith("_")}


@pytest.mark.parametrize("name", socketserver.__all__)
def test_every_class_has_the_names_signatures_and_settings_of_its_model(name: str) -> None:
    model, ours = getattr(socketserver, name), getattr(reference_impl, name)

    assert public_names(model) <= public_names(ours)
    assert [base.__name__ for base in ours.__mro__] == [base.__name__ for base in model.__mro__]
    for member in public_names(model) | {"__init__"}:
        expected, actual = getattr(model, member), getattr(ours, member)
        if inspect.isfunction(expected):
            assert parameters(actual) == parameters(expected), member
        else:
            assert actual == expected, member


def parameters(function: object) -> list[tuple[str, object, object]]:
    assert callable(function)
    signature = inspect.signature(function)
    return [(each.name, each.kind, each.default) for each in signature.parameters.values()]


def test_the_classes_belong_to_the_package_and_are_all_listed() -> None:
    belonging = {
        name
        for name, value in vars(reference_impl).items()
        if inspect.isclass(value) and value.__module__ == "reference_impl"
    }
    assert belonging == set(reference_impl.__all__)
    assert len(reference_impl.__all__) == len(belonging)


def test_an_alarm_ends_this_wait_and_the_next() -> None:
    alarm = Alarm()
    with reference_impl.TCPServer(("127.0.0.1", 0), reference_impl.BaseRequestHandler) as server:
        watch = RequestWatch(server, alarm)
        ringing = threading.Thread(target=alarm.ring)
        ringing.start()
        assert watch.wait(None) is False
        ringing.join()
        assert watch.wait(None) is False
    alarm.close()
    alarm.ring()


def test_a_deadline_without_limit_never_passes() -> None:
    assert Deadline(None).seconds_left() is None
    assert not Deadline(None).has_passed()


def test_a_deadline_in_the_past_has_passed() -> None:
    assert Deadline(-1).seconds_left() == 0
    assert Deadline(-1).has_passed()


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (3, 3), (-1, 255), ("why", 1)])
def test_a_child_exits_as_the_interpreter_would(code: object, status: int) -> None:
    assert forking.exit_status(SystemExit(code)) == status
