"""Ways to grow with the number of requests."""

from harness.host.breaking import breaks, instead_of


@breaks("faults.requests-leave-no-memory-behind")
def clients_are_remembered(impl):
    """The server keeps the address of each client, and when it came."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        clients = self.__dict__.setdefault("clients", [])
        clients.append((client_address, object()))
        method(self, request, client_address)


@breaks("faults.requests-leave-no-memory-behind")
def children_are_remembered(impl):
    """A forking server keeps something of each child."""

    @instead_of(impl.BaseServer, "verify_request")
    def verify(method, self, request, client_address):
        if hasattr(self, "active_children"):
            self.__dict__.setdefault("children", []).append(object())
        return method(self, request, client_address)
