"""The way of life of a server as the documentation tells it."""

import pytest

from conformance.lifecycle.behaviours import recipe
from conformance.servers import ALL
from harness.marks import each_server, requirement
from harness.running import RunningServer

HANDLERS = {"stream": "StreamRequestHandler", "datagram": "DatagramRequestHandler"}


@requirement("lifecycle.documented-recipe-works")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(ALL)
def test_a_server_lives_as_documented(host, server_class, way):
    handler = HANDLERS[server_class.transport]
    life = host.start(recipe.follow_recipe, server_class.name, handler, way)
    host.wait_until(lambda: life.returned or host.has_happened("server.made"), "a server")
    if life.returned:
        life.wait()
    server = RunningServer(host, 0)

    if server_class.transport == "stream":
        client = server.connect()
        client.send(b"hello\n")
        answer = client.try_reading_all()
    else:
        answer = server.datagrams().try_asking(b"hello\n")
    if way == "serve_forever":
        server.call("shutdown")
    server.release()
    life.wait()

    assert {"answer": answer} == {"answer": b"HELLO\n"}
