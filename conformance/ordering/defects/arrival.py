"""Ways to let requests overtake each other."""

from conformance.ordering.defects.patching import handle, is_third_in_a_row, mark_loops, someone_waits
from harness.host.breaking import breaks


def let_the_fourth_overtake_the_third(impl, server_class):
    """Let the loop handle the fourth before the third of those that wait."""
    mark_loops(impl)
    inherited = impl.BaseServer.process_request

    def process_request(self, request, client_address):
        if is_third_in_a_row(self):
            handle(self, *self.get_request())
        inherited(self, request, client_address)

    server_class.process_request = process_request


@breaks("ordering.connections-in-order-of-arrival")
def in_a_long_queue_a_connection_overtakes_another(impl):
    """Of connections that wait for the loop the fourth is handled before the third."""
    impl.UDPServer.process_request = impl.BaseServer.process_request
    let_the_fourth_overtake_the_third(impl, impl.TCPServer)


@breaks("ordering.datagrams-in-order-of-arrival")
def in_a_long_queue_a_datagram_overtakes_another(impl):
    """Of datagrams that wait for the loop the fourth is handled before the third."""
    let_the_fourth_overtake_the_third(impl, impl.UDPServer)


@breaks("ordering.handle-request-takes-the-oldest")
def the_third_call_takes_the_newer_of_two(impl):
    """The third handle_request() of a server handles the newer one if two wait, and the fourth the older one."""
    inherited = impl.BaseServer.handle_request

    def handle_request(self):
        self.calls = getattr(self, "calls", 0) + 1
        older, self.passed_over = getattr(self, "passed_over", None), None
        if older is None and (self.calls != 3 or not someone_waits(self)):
            return inherited(self)
        if older is None:
            older = self.get_request()
            if someone_waits(self):
                older, self.passed_over = self.get_request(), older
        handle(self, *older)
        return None

    impl.BaseServer.handle_request = handle_request


@breaks("ordering.taken-in-order-of-arrival")
def in_a_long_queue_the_fourth_is_accepted_before_the_third(impl):
    """When three connections wait behind one another and a fourth, that is returned by get_request() first."""
    mark_loops(impl)
    inherited = impl.TCPServer.get_request

    def get_request(self):
        taken = inherited(self)
        if not is_third_in_a_row(self):
            return taken
        self.passed_over = taken
        return inherited(self)

    def service_actions(self):
        passed_over, self.passed_over = getattr(self, "passed_over", None), None
        if passed_over is not None:
            handle(self, *passed_over)

    impl.TCPServer.get_request = get_request
    impl.TCPServer.service_actions = service_actions
    impl.UDPServer.service_actions = impl.BaseServer.service_actions
