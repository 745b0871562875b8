"""Servers that others have built on socketserver, on top of the module that is judged."""

import json
import re
import socket

import pytest

from conformance.hierarchy.behaviours import consumers
from harness.clients import StreamClient
from harness.marks import requirement
from harness.running import RunningServer

MIX_INS = pytest.mark.parametrize("mix_in", [None, "ThreadingMixIn", "ForkingMixIn"])
GET, CLOSE = (
    "GET {} HTTP/1.1\r\nHost: here\r\n\r\n",
    "POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 8\r\n\r\n",
)
BODIES = re.compile(rb"HTTP/1\.. 200 .*?\r\n\r\n(.*?)(?=HTTP/|\Z)", re.DOTALL)
CALL = (
    b"<?xml version='1.0'?><methodCall><methodName>add</methodName><params>"
    b"<param><value><int>2</int></value></param><param><value><int>3</int></value></param>"
    b"</params></methodCall>"
)
POST = b"POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%b"
CONFIGURATION = {"version": 1, "disable_existing_loggers": False, "loggers": {"configured": {"level": "ERROR"}}}


def running(host, build, *arguments):
    """Return the server that *build* makes in the host; it serves for ever."""
    server = RunningServer(host, host.call(build, *arguments))
    server.serve()
    return server


def get(path):
    """Return the request for *path* after which the connection ends."""
    return f"GET {path} HTTP/1.0\r\n\r\n".encode()


@requirement("hierarchy.http-server-serves")
@MIX_INS
def test_an_http_server_answers_two_requests_on_one_connection(host, mix_in):
    server = running(host, consumers.http_server, mix_in)

    answer = server.ask((GET.format("/first") + CLOSE).encode() + b"a letter")

    assert BODIES.findall(answer) == [b"/first", b"a letter"]


@requirement("hierarchy.http-server-serves")
def test_an_http_server_gives_out_a_file(host):
    content = bytes(range(256)) * 1000
    server = running(host, consumers.file_server, "file", content)

    head, _, body = server.ask(get("/file")).partition(b"\r\n\r\n")

    assert (head.split()[1], body == content) == (b"200", True)


@requirement("hierarchy.xmlrpc-server-serves")
@MIX_INS
def test_an_xmlrpc_server_returns_what_its_function_does(host, mix_in):
    server = running(host, consumers.xmlrpc_server, mix_in)

    answer = server.ask(POST % (len(CALL), CALL))

    assert re.findall(rb"<int>(.*?)</int>", answer) == [b"5"]


@requirement("hierarchy.wsgi-server-serves")
@MIX_INS
def test_a_wsgi_server_answers_what_its_application_says(host, mix_in):
    server = running(host, consumers.wsgi_server, mix_in)

    assert [BODIES.findall(server.ask(get(path))) for path in ("/one", "/two")] == [[b"/one"], [b"/two"]]


@requirement("hierarchy.logging-listener-listens")
def test_a_configuration_that_was_sent_is_in_force(host):
    port = host.call(consumers.listen_for_configurations)
    configuration = json.dumps(CONFIGURATION).encode()

    with StreamClient(host, ("127.0.0.1", port), socket.AF_INET) as client:
        client.send(len(configuration).to_bytes(4, "big") + configuration)
        client.read_all()

    assert host.call(consumers.level_of, "configured") == 40


@requirement("hierarchy.development-server-serves")
@MIX_INS
def test_a_server_as_frameworks_make_it_serves_reports_and_ends(host, mix_in):
    server = running(host, consumers.development_server, mix_in)
    answers = [BODIES.findall(server.ask(get(path))) for path in ("/before", "/failing", "/after")]
    server.wait_for("handle_error")
    server.call("shutdown")
    server.loop.wait()

    assert answers == [[b"/before"], [], [b"/after"]]
    assert not server.connect().connected
