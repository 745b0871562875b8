"""Run servers of the standard library, and one as web frameworks have it, on top of the module."""

import importlib
import os
import socket
import sys

from conformance.hierarchy.behaviours.arranging import LOOPBACK

ON_TOP = ("http.server", "xmlrpc.server", "wsgiref.simple_server", "logging.config")


def _on_top(stage, name):
    """Import a module of the standard library that shall take ours for socketserver."""
    sys.modules["socketserver"] = stage.candidate
    for other in ON_TOP:
        sys.modules.pop(other, None)
    socket.getfqdn = lambda name="": name  # no question to a resolver, which may take its time
    return importlib.import_module(name)


def _combined(stage, mix_in, server_class):
    bases = (server_class,) if mix_in is None else (getattr(stage.candidate, mix_in), server_class)
    return type("Server", bases, {})


def _listed(stage, server):
    stage.servers.append(server)
    return len(stage.servers) - 1


def http_server(stage, mix_in):
    """Make an HTTP server that answers with the path or with what was sent, and keeps connections open."""
    module = _on_top(stage, "http.server")

    class Handler(module.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):  # noqa: N802 - the documented name
            self.answer(self.path.encode())

        def do_POST(self):  # noqa: N802
            self.answer(self.rfile.read(int(self.headers["Content-Length"])))

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return _listed(stage, _combined(stage, mix_in, module.HTTPServer)(LOOPBACK, Handler))


def file_server(stage, name, content):
    """Make an HTTP server that serves the folder of the test, with one file in it."""
    module = _on_top(stage, "http.server")
    os.chdir(stage.folder)
    with open(name, "wb") as file:
        file.write(content)

    class Handler(module.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    return _listed(stage, module.HTTPServer(LOOPBACK, Handler))


def xmlrpc_server(stage, mix_in):
    """Make an XML-RPC server that adds."""
    module = _on_top(stage, "xmlrpc.server")
    server = _combined(stage, mix_in, module.SimpleXMLRPCServer)(LOOPBACK, logRequests=False)
    server.register_function(lambda left, right: left + right, "add")
    return _listed(stage, server)


def wsgi_server(stage, mix_in):
    """Make a WSGI server that answers with the path."""
    module = _on_top(stage, "wsgiref.simple_server")

    class Handler(module.WSGIRequestHandler):
        def log_message(self, *_):
            pass

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["PATH_INFO"].encode()]

    server_class = _combined(stage, mix_in, module.WSGIServer)
    return _listed(stage, module.make_server("127.0.0.1", 0, application, server_class, Handler))


def listen_for_configurations(stage):
    """Start the listener for logging configurations and return its port."""
    listener = _on_top(stage, "logging.config").listen(0)
    listener.daemon = True
    listener.start()
    listener.ready.wait()
    return listener.port


def level_of(stage, logger):
    """Return the level of a logger."""
    return importlib.import_module("logging").getLogger(logger).level


def development_server(stage, mix_in):
    """Make a server from a socket that listens already, with settings, a hook and an end of its own."""
    module = _on_top(stage, "http.server")

    class Server(_combined(stage, mix_in, module.HTTPServer)):
        request_queue_size = 128
        daemon_threads = True
        max_children = 40

        def __init__(self, listening, handler):
            super().__init__(listening.getsockname(), handler, bind_and_activate=False)
            self.server_close()
            self.socket = listening
            self.server_address = listening.getsockname()

        def serve_forever(self, poll_interval=0.5):
            try:
                super().serve_forever(poll_interval=poll_interval)
            finally:
                self.server_close()

        def handle_error(self, request, client_address):
            stage.record("handle_error", client=str(client_address[1]))

    class Handler(module.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802 - the documented name
            if self.path == "/failing":
                raise ValueError("for handle_error")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_):
            pass

    listening = socket.socket()
    listening.bind(LOOPBACK)
    listening.listen(5)
    return _listed(stage, Server(listening, Handler))
