"""What the owner of a server can do in any sequence of steps."""

from conformance.sequences.views import ANY, TYPICAL, everything, single_requests
from conformance.servers import ALL, UNIX
from harness.marks import each_server, requirement


def named(*names):
    """Return the server classes with these names."""
    return tuple(each for each in ALL if each.name in names)


@requirement("sequences.handle-request-takes-one-or-times-out-in-any-sequence")
@each_server(named("TCPServer", "UDPServer", "ThreadingUDPServer", "ForkingTCPServer"))
def test_each_call_takes_one_request_or_finds_nobody(departure, server_class):
    steps = ("handle", "handle", "handle", "polite", "failing", "refused", "held", "release", "serve", "shutdown")

    assert departure(server_class, steps, single_requests) == []


@requirement("sequences.an-exit-ends-one-call-and-loses-nobody")
@each_server(TYPICAL)
def test_handlers_that_exit_end_no_more_than_they_must(departure, server_class):
    steps = ("serve", "serve", "handle", "shutdown", "polite", "quitting", "quitting", "held", "release")

    assert departure(server_class, steps, everything) == []


@requirement("sequences.a-closed-server-leaves-the-next-one-alone")
@each_server(TYPICAL + tuple(each for each in UNIX if each.name == "UnixStreamServer"))
def test_servers_that_follow_each_other_serve_their_own_visitors(departure, server_class):
    steps = ("serve", "shutdown", "handle", "polite", "polite", "failing", "close", "close", "renew", "renew")

    assert departure(server_class, steps, everything, count=8) == []


@requirement("sequences.nothing-is-left-after-any-sequence")
@each_server(TYPICAL)
def test_a_closed_server_has_given_back_what_it_held(departure, server_class):
    assert departure(server_class, ANY, everything, count=6, tidy=True) == []


@requirement("sequences.shutdown-without-a-loop-changes-nothing")
@each_server(named("ThreadingTCPServer", "UDPServer"))
def test_a_shutdown_too_many_changes_nothing(departure, server_class):
    steps = ("serve", "serve", "shutdown", "shutdown", "shutdown again", "polite", "handle", "refused")

    assert departure(server_class, steps, everything) == []
