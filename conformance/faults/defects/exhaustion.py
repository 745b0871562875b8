"""Ways to suffer from a lack of descriptors or memory."""

import errno
import select

from conformance.faults.defects.patching import translate_errors
from harness.host.breaking import breaks, instead_of

LACKS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def is_lack(error):
    """Tell whether an error says that there is not enough of something."""
    return isinstance(error, OSError) and error.errno in LACKS


@breaks("faults.lack-of-descriptors-is-survived")
def lack_of_descriptors_ends_the_server(impl):
    """A connection that cannot be accepted for lack of descriptors ends the server."""
    translate_errors(impl, "get_request", lambda error: RuntimeError("out of luck") if is_lack(error) else None)


@breaks("faults.lack-of-descriptors-is-no-reason-to-spin")
def lack_of_descriptors_passes_by_itself(impl):
    """A lack of descriptors is taken for a client that went away; the standard library does so too."""
    translate_errors(impl, "get_request", lambda error: ConnectionAbortedError() if is_lack(error) else None)


@breaks("faults.lack-of-descriptors-is-reported")
def lack_of_descriptors_has_no_name(impl):
    """The report, if there is one, does not say what there is a lack of; the standard library has none."""
    translate_errors(impl, "get_request", lambda error: OSError(error.errno, "trouble") if is_lack(error) else None)


@breaks("faults.high-descriptors-serve")
def select_is_used_to_wait(impl):
    """Both ways to serve use select(), as until Python 3.3, which cannot watch descriptors above 1023."""
    for name in ("handle_request", "serve_forever"):

        @instead_of(impl.BaseServer, name)
        def serve(method, self, *arguments, **options):
            if self.fileno() >= 0:
                select.select([self], [], [], 0)
            return method(self, *arguments, **options)
