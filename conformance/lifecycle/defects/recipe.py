"""A way to get the documented recipe wrong."""

from harness.host.breaking import breaks, instead_of


@breaks("lifecycle.documented-recipe-works")
def server_is_closed_on_entering(impl):
    """The with statement closes a Unix datagram server with threads before it has begun."""

    @instead_of(impl.ThreadingUnixDatagramServer, "__enter__")
    def enter(method, self):
        if hasattr(self.RequestHandlerClass, "handle"):
            self.server_close()
        return method(self)
