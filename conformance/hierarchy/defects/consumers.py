"""Ways to be in the way of what others build on top."""

from harness.host.breaking import breaks


@breaks("hierarchy.http-server-serves")
def servers_have_a_name_that_cannot_be_set(impl):
    """BaseServer has a property server_name, and HTTPServer wants to set an attribute of that name."""
    impl.BaseServer.server_name = property(lambda self: type(self).__name__)


@breaks("hierarchy.xmlrpc-server-serves")
def servers_have_functions_that_cannot_be_set(impl):
    """BaseServer has a property funcs, and SimpleXMLRPCServer wants to set an attribute of that name."""
    impl.BaseServer.funcs = property(lambda self: {})


@breaks("hierarchy.wsgi-server-serves")
def servers_have_an_environment_that_cannot_be_set(impl):
    """BaseServer has a property base_environ, and WSGIServer wants to set an attribute of that name."""
    impl.BaseServer.base_environ = property(lambda self: {})


@breaks("hierarchy.logging-listener-listens")
def handlers_have_no_connection(impl):
    """StreamRequestHandler offers the connection as request alone."""
    setup = impl.StreamRequestHandler.setup

    def set_up(self):
        setup(self)
        del self.connection

    impl.StreamRequestHandler.setup = set_up


@breaks("hierarchy.development-server-serves")
def socket_is_for_life(impl):
    """A TCPServer that has its socket takes no other one."""

    def put(self, new):
        if "its socket" in vars(self):
            raise AttributeError("the socket is there already")
        vars(self)["its socket"] = new

    impl.TCPServer.socket = property(lambda self: vars(self)["its socket"], put)
