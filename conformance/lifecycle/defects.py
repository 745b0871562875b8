"""Ways to get the life of a server wrong."""

import errno
import functools
import os
import select
import socket
import sys
import traceback

from harness.host.breaking import breaks


def intercept(impl, name, change):
    """Give out change(server, method) instead of each server's method *name*, also of those that override it."""
    find = impl.BaseServer.__getattribute__

    def __getattribute__(self, attribute):  # noqa: N807
        found = find(self, attribute)
        return change(self, found) if attribute == name else found

    impl.BaseServer.__getattribute__ = __getattribute__


def before(impl, class_name, method_name, action):
    """Call action(server) before a method of a class does what it did."""
    server_class = getattr(impl, class_name)
    method = getattr(server_class, method_name)

    def method_after_action(self, *arguments, **options):
        action(self)
        return method(self, *arguments, **options)

    setattr(server_class, method_name, method_after_action)


def after(impl, class_name, method_name, action):
    """Call action(server) after a method of a class did what it did."""
    server_class = getattr(impl, class_name)
    method = getattr(server_class, method_name)

    def method_before_action(self, *arguments, **options):
        value = method(self, *arguments, **options)
        action(self)
        return value

    setattr(server_class, method_name, method_before_action)


@breaks("lifecycle.documented-recipe-works")
def server_is_closed_on_entering(impl):
    """The with statement closes a Unix datagram server with threads before it has begun."""
    before(impl, "ThreadingUnixDatagramServer", "__enter__", lambda server: server.server_close())


# -- making a server -------------------------------------------------------------------------------------------------


@breaks("lifecycle.constructor-keeps-its-arguments")
def handler_class_is_wrapped(impl):
    """RequestHandlerClass is something that calls the handler class."""

    def wrap(server):
        server.RequestHandlerClass = functools.partial(server.RequestHandlerClass)

    before(impl, "TCPServer", "fileno", lambda server: None)
    initialise = impl.BaseServer.__init__

    def __init__(self, server_address, RequestHandlerClass):  # noqa: N803, N807 - the documented name
        initialise(self, server_address, RequestHandlerClass)
        if callable(RequestHandlerClass) or RequestHandlerClass is not None:
            self.RequestHandlerClass = lambda *arguments: RequestHandlerClass(*arguments)

    impl.BaseServer.__init__ = __init__


@breaks("lifecycle.constructor-binds-and-activates")
def constructor_binds_twice(impl):
    """The constructor tries the binding before it binds."""

    def action(server):
        if type(server).__name__ == "Watched" and not getattr(server, "has_tried", False):
            server.has_tried = True
            server.server_activate()

    intercept(impl, "server_bind", lambda server, method: _in_order(action, server, method))


def _in_order(action, server, method):
    def call(*arguments):
        value = method(*arguments)
        action(server)
        return value

    return call


@breaks("lifecycle.binding-can-be-left-to-the-caller")
def binding_is_never_left_to_the_caller(impl):
    """bind_and_activate is not looked at."""
    initialise = impl.TCPServer.__init__

    def __init__(self, server_address, RequestHandlerClass, bind_and_activate=True):  # noqa: N803, N807
        initialise(self, server_address, RequestHandlerClass, True)

    impl.TCPServer.__init__ = __init__
