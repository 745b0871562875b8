"""What becomes of text that is printed and still in a buffer when a child is forked or ends."""

import pytest

from conformance.isolation import behaviours
from conformance.isolation.arranging import EVERY_END, take_in, wait_for_the_end_of_handlers
from conformance.servers import FORKING, FORKING_INET
from harness.marks import each_server, requirement

EVERY_WAY_TO_PRINT = pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.print_in_the_child,
        behaviours.print_and_fail,
        behaviours.print_and_be_interrupted,
        behaviours.print_and_leave,
    ],
    ids=lambda behaviour: behaviour.__name__,
)


@requirement("isolation.buffered-text-is-written-once")
@each_server(FORKING)
def test_what_the_parent_printed_is_not_written_by_a_child_too(serve, host, server_class):
    server = serve(server_class, behaviours.pass_by, loop=False)
    host.call(behaviours.redirect_output)
    host.call(behaviours.print_something)

    assert printed_after_a_request(server) == "printed by the parent\n"


@requirement("isolation.buffered-text-is-written-once")
@EVERY_END
def test_what_the_parent_wrote_into_a_file_is_written_once(serve, host, behaviour):
    server = serve("ForkingTCPServer", behaviour, loop=False)
    host.call(behaviours.write_into_a_file)

    take_in(server)
    wait_for_the_end_of_handlers(host)
    host.call(behaviours.end_the_file)

    assert (host.folder / "written").read_text() == "written by the parent\n"


@requirement("isolation.printed-text-is-not-lost")
@EVERY_WAY_TO_PRINT
@each_server(FORKING_INET)
def test_what_a_handler_printed_is_written_when_its_child_ends(serve, host, server_class, behaviour):
    server = serve(server_class, behaviour, loop=False)
    host.call(behaviours.redirect_output)

    assert printed_after_a_request(server) == "printed by a child\n"


def printed_after_a_request(server):
    """Let *server* handle a request; return what has been printed when its child and the parent have ended."""
    take_in(server)
    wait_for_the_end_of_handlers(server.host)
    server.host.call(behaviours.end_output)
    return (server.host.folder / "printed").read_text()
