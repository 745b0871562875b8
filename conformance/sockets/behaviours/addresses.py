"""The addresses of servers, as requested and as bound."""

import os
import pathlib
import socket
import sys

from conformance.sockets.behaviours.arranging import abstract_name, closed_after, ignore, take_one

LONGEST_PATH = 107 if sys.platform == "linux" else 103  # bytes, and one that ends it


def addresses_when_binding(stage, names):
    """Return for each class the address requested, in its own words, and server_address when server_bind() begins."""
    seen = {}

    def server_bind(self):
        seen[type(self).__name__].append(self.server_address)
        super(type(self), self).server_bind()

    for name, server_class in stage.classes(names):
        is_unix = server_class.address_family == getattr(socket, "AF_UNIX", None)
        requested = stage.new_path() if is_unix else ("localhost", 0)
        seen[name] = [requested]
        type(name, (server_class,), {"server_bind": server_bind})(requested, ignore).server_close()
    return seen


def unix_addresses(stage, names, kind):
    """Bind each class at a path of this *kind*; return for each whether server_address is the path as text."""
    found = {}
    for name, server_class in stage.classes(names):
        path = _path(stage, kind)
        with closed_after(server_class(path, ignore)) as server:
            found[name] = server.server_address == os.fsdecode(path)
    return found


def _path(stage, kind):
    if kind == "longest":
        return stage.new_path().ljust(LONGEST_PATH, "x")
    if kind == "no text":
        return os.fsencode(stage.new_path()) + b"-\xff"
    return os.fsencode(stage.new_path()) if kind == "bytes" else stage.new_path()


def addresses_from_path_objects(stage, names):
    """Make each class with a path object; return for each whether server_address is its text, or the error."""
    found = {}
    for name, server_class in stage.classes(names):
        path = stage.new_path()
        try:
            with closed_after(server_class(pathlib.Path(path), ignore)) as server:
                found[name] = server.server_address == path
        except Exception as error:  # noqa: BLE001 - whatever comes is the answer
            found[name] = type(error).__name__
    return found


def addresses_at_abstract_names(stage, names, as_bytes):
    """Bind each class at an abstract name; return whether server_address is it, in bytes."""
    found = {}
    for name, server_class in stage.classes(names):
        in_text = abstract_name(stage)
        in_bytes = in_text.encode("ascii")
        with closed_after(server_class(in_bytes if as_bytes else in_text, ignore)) as server:
            found[name] = server.server_address == in_bytes
    return found


def answer(visit):
    """Answer."""
    visit.send(b"answer")


def chosen_names(stage, names):
    """Make two servers of each class with an empty path; return whether their names are abstract, and differ."""
    found = {}
    for name, server_class in stage.classes(names):
        with closed_after(server_class("", ignore)) as one, closed_after(server_class("", ignore)) as other:
            addresses = [one.server_address, other.server_address]
            found[name] = {
                "abstract": [type(each) is bytes and each[:1] == b"\0" and len(each) > 1 for each in addresses],
                "different": addresses[0] != addresses[1],
            }
    return found


def refuse_long_paths(stage, names):
    """Make servers of each class at a path that is too long; return what was raised and what is left open."""
    found, servers = {}, []

    def server_bind(self):
        servers.append(self)
        super(type(self), self).server_bind()

    for name, server_class in stage.classes(names):
        watched = type("Watched", (server_class,), {"server_bind": server_bind})
        try:
            watched(stage.new_path().ljust(LONGEST_PATH + 20, "x"), ignore).server_close()
            found[name] = "made"
        except OSError:
            found[name] = ["OSError", servers[-1].socket.fileno()]
    return found


def ipv6_peers(stage, names):
    """Return for each class whether the client address of an IPv6 connection is the client's own, of four parts."""

    def look(request, client_address, client):
        return len(client_address) == 4 and client_address == client.getsockname()

    found = {}
    for name, server_class in stage.classes(names):
        derived = type(name, (server_class,), {"address_family": socket.AF_INET6})
        found[name] = take_one(stage, derived, look, ("::1", 0))
    return found


def named_peers(stage, names, kind):
    """Return for each class whether the address of a client with a name of this *kind* is that name."""
    found = {}
    for name, server_class in stage.classes(names):
        own = abstract_name(stage) if kind == "abstract" else stage.new_path("client")
        expected = own.encode("ascii") if kind == "abstract" else own

        def look(request, client_address, client, expected=expected):
            return client_address == expected

        found[name] = take_one(stage, server_class, look, client_name=own)
    return found


def unnamed_peers(stage, names):
    """Return for each class whether the address of a client without a name is true."""

    def look(request, client_address, client):
        return bool(client_address)

    return {name: take_one(stage, server_class, look) for name, server_class in stage.classes(names)}
