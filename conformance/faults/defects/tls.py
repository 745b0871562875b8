"""Ways to get TLS wrong."""

import ssl

from conformance.faults.defects.patching import translate_errors
from harness.host.breaking import breaks, instead_of


@breaks("faults.failed-handshake-stops-no-server")
def failed_handshake_ends_the_loop(impl):
    """A client that does not speak TLS ends the loop."""
    translate_errors(
        impl, "get_request", lambda error: RuntimeError("no TLS") if isinstance(error, ssl.SSLError) else None
    )


@breaks("faults.handshake-can-be-left-to-the-handler")
def cve_2023_38200_handshake_is_done_by_accept(impl):
    """get_request() does the handshake, for which a silent client lets it wait for ever."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        if isinstance(request, ssl.SSLSocket):
            request.do_handshake()
        return request, client_address
