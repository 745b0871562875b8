"""Which class derives from which, and what follows from that."""

import pytest

from conformance.hierarchy.behaviours import combinations, inheritance
from conformance.servers import ALL, CONCURRENT, SYNCHRONOUS
from harness.checks.overlap import handlers_outside_server_thread
from harness.marks import each_server, requirement

MIX_INS = ("ThreadingMixIn", "ForkingMixIn")
DRAWN = {
    "BaseServer": [],
    "TCPServer": ["BaseServer"],
    "UDPServer": ["BaseServer", "TCPServer"],
    "UnixStreamServer": ["BaseServer", "TCPServer"],
    "UnixDatagramServer": ["BaseServer", "TCPServer", "UDPServer"],
}
HANDLERS = {
    "BaseRequestHandler": [],
    "StreamRequestHandler": ["BaseRequestHandler"],
    "DatagramRequestHandler": ["BaseRequestHandler"],
}


def among(ancestors, present):
    """Return *ancestors* as they are if only *present* classes exist."""
    return {name: [each for each in ancestors[name] if each in present] for name in present}


def parts(server_class):
    """Return the names of the mix-in and of the server that a predefined combination is made of."""
    mix_in = "ThreadingMixIn" if server_class.concurrency == "threads" else "ForkingMixIn"
    return mix_in, server_class.name.removeprefix("Threading").removeprefix("Forking")


@requirement("hierarchy.servers-derive-from-each-other")
def test_servers_derive_from_each_other_as_drawn_in_the_documentation(host):
    found = host.call(inheritance.ancestors, list(DRAWN))

    assert found == among(DRAWN, found)


@requirement("hierarchy.handlers-derive-from-base-handler")
def test_handlers_derive_from_the_base_handler(host):
    found = host.call(inheritance.ancestors, list(HANDLERS))

    assert found == among(HANDLERS, found)


@requirement("hierarchy.mix-in-precedes-server")
@each_server(CONCURRENT)
def test_combinations_derive_from_the_mix_in_before_the_server(host, server_class):
    mix_in, server = parts(server_class)

    assert host.call(inheritance.order_of, server_class.name, [server, mix_in]) == [mix_in, server]


@requirement("hierarchy.combinations-add-nothing")
@each_server(CONCURRENT)
def test_a_combination_is_what_a_user_gets_from_the_same_classes(host, server_class):
    assert host.call(inheritance.differences, server_class.name, *parts(server_class)) == []


@requirement("hierarchy.mix-ins-are-no-servers")
@pytest.mark.parametrize("mix_in", MIX_INS)
def test_no_mix_in_derives_from_a_server(host, mix_in):
    found = host.call(inheritance.ancestors, [mix_in, *DRAWN])

    assert found[mix_in] == []


@requirement("hierarchy.constructors-stop-at-the-base-server")
def test_no_constructor_calls_that_of_a_class_behind_the_server(host):
    found = host.call(inheritance.initialised_around, [each.name for each in ALL])

    assert found == {name: ["before"] for name in found}


@requirement("hierarchy.mix-in-after-server-does-nothing")
@pytest.mark.parametrize("mix_in", MIX_INS)
@each_server(SYNCHRONOUS)
def test_a_mix_in_named_second_changes_nothing(serve, mix_in, server_class):
    server = serve(f"{server_class.name}+{mix_in}", combinations.do_nothing, loop=False)
    server.knock()

    server.call("handle_request")
    server.wait_for("handler.enter")

    assert handlers_outside_server_thread(server.history()) == []


@requirement("hierarchy.mix-ins-fit-any-base")
@pytest.mark.parametrize("mix_in", MIX_INS)
def test_a_mix_in_works_with_a_base_of_another_family(host, mix_in):
    host.call(inheritance.handle_with_foreign_base, mix_in)
    host.wait_for("handler.enter")

    assert len(host.history().of("handler.enter")) == 1


@requirement("hierarchy.server-close-reaches-every-base")
@pytest.mark.parametrize("other_first", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("mix_in", MIX_INS)
def test_closing_goes_through_a_further_mix_in(host, mix_in, other_first):
    assert host.call(inheritance.close_with_another_mix_in, mix_in, other_first) == ["other", "socket"]


@requirement("hierarchy.servers-have-documented-members")
def test_every_server_has_what_is_documented_for_server_objects(host):
    found = host.call(inheritance.lacking_members, [each.name for each in ALL])

    assert found == {name: [] for name in found}


@requirement("hierarchy.base-server-has-its-methods")
def test_the_base_server_has_every_method_documented_for_it(host):
    assert host.call(inheritance.missing_methods) == []


@requirement("hierarchy.base-server-says-what-is-missing")
def test_the_base_server_says_what_a_derived_class_must_supply(host):
    names = ["fileno", "get_request", "server_bind"]

    assert host.call(inheritance.unsupplied, names) == dict.fromkeys(names, "NotImplementedError")


@requirement("hierarchy.base-server-serves-any-source")
def test_a_pipe_can_be_served_for_ever(host):
    assert host.call(inheritance.serve_pipe) == [b"a", b"b"]


@requirement("hierarchy.base-server-serves-any-source")
def test_a_pipe_can_be_served_in_threads(host):
    assert sorted(host.call(inheritance.serve_pipe, "ThreadingMixIn")) == [b"a", b"b"]


@requirement("hierarchy.base-server-handles-any-source")
def test_single_requests_can_come_from_a_pipe(host):
    assert host.call(inheritance.handle_pipe) == [b"a", b"b"]
