"""What constructors do, and what is left when they fail."""

import socket
import sys

import pytest

from conformance.holdings import growth_of
from conformance.lifecycle.behaviours import construction, pipeline
from conformance.servers import ALL, INET, INET_STREAM, SYNCHRONOUS, USER_BUILT
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

EVERY = ALL + USER_BUILT
NAMES = [each.name for each in EVERY]
STEPS = ["server_bind", "server_activate"]
ANYWHERE, HERE = "0.0.0.0", "127.0.0.1"  # noqa: S104 - these servers never take a request


@requirement("lifecycle.constructor-keeps-its-arguments")
def test_a_server_keeps_what_it_was_made_with(host):
    kept = host.call(construction.kept_arguments, NAMES)

    assert kept == dict.fromkeys(kept, True)


@requirement("lifecycle.constructor-binds-and-activates")
def test_constructors_bind_and_activate_once(host):
    steps = host.call(construction.steps_of_construction, NAMES, True)

    assert steps == {name: [*STEPS] for name in steps}


@requirement("lifecycle.binding-can-be-left-to-the-caller")
def test_constructors_do_neither_when_told_not_to(host):
    steps = host.call(construction.steps_of_construction, NAMES, False)

    assert steps == {name: [] for name in steps}


@requirement("lifecycle.caller-may-bind-and-activate")
@each_server(SYNCHRONOUS)
def test_the_caller_can_bind_and_activate(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, activate=False, loop=False)
    for step in STEPS:
        server.call(step)
    server.locate()
    server.knock()

    server.start("handle_request")

    assert {"handled": server.comes("handler.enter")} == {"handled": True}


@requirement("lifecycle.socket-exists-before-binding")
def test_an_unbound_server_has_a_socket_of_the_right_kind(host):
    families = {each.name: socket.AF_INET if each.family == "inet" else socket.AF_UNIX for each in EVERY}
    streams = {each.name for each in EVERY if each.transport == "stream"}
    types = {name: socket.SOCK_STREAM if name in streams else socket.SOCK_DGRAM for name in families}

    seen = host.call(construction.sockets_before_binding, NAMES)

    assert seen == {name: (int(families[name]), int(types[name]), True) for name in seen}


@requirement("lifecycle.chosen-port-is-told")
@each_server(INET)
def test_the_port_that_the_system_chose_is_told(serve, server_class):
    server = serve(server_class, pipeline.do_nothing, loop=False)

    assert server.read("server_address")[1] == server.address[1]


@requirement("lifecycle.bound-address-is-the-systems")
def test_the_address_after_binding_is_what_the_system_says(host):
    right = host.call(construction.bound_addresses, NAMES)

    assert right == dict.fromkeys(right, True)


@requirement("lifecycle.bound-address-is-the-systems")
@pytest.mark.parametrize(("name", "number"), [("", ANYWHERE), ("localhost", HERE)], ids=["any", "localhost"])
@pytest.mark.parametrize("server_class", ["TCPServer", "UDPServer"])
def test_the_name_of_a_host_becomes_its_number(host, server_class, name, number):
    assert host.call(construction.bound_host, server_class, name) == number


@requirement("lifecycle.bound-address-is-the-systems")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_the_address_of_an_ipv6_server_has_four_parts(host):
    right = host.call(construction.ipv6_addresses, [each.name for each in EVERY if each.family == "inet"])

    assert right == dict.fromkeys(right, True)


@requirement("lifecycle.bound-address-is-the-systems")
def test_the_address_is_what_the_system_says_when_the_caller_binds(host):
    right = host.call(construction.addresses_bound_later, NAMES)

    assert right == dict.fromkeys(right, True)


@requirement("lifecycle.handler-class-is-not-judged")
def test_a_server_is_made_with_anything_for_a_handler_class(host):
    failed = host.call(construction.make_with_any_handler, NAMES)

    assert failed == {name: [False, False, False] for name in failed}


@requirement("lifecycle.failed-construction-raises")
@pytest.mark.parametrize("error", ["OSError", "KeyboardInterrupt", "SystemExit"])
@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_raises_leaves_the_constructor(host, step, error):
    seen = host.call(construction.fail_to_construct, NAMES, step, error)

    assert {name: raised for name, (raised, _) in seen.items()} == dict.fromkeys(seen, "itself")


@requirement("lifecycle.failed-construction-raises")
@pytest.mark.parametrize("kind", ["impossible", "occupied"])
def test_an_address_that_cannot_be_is_an_error(host, kind):
    failed = host.call(construction.fail_at_addresses, NAMES, kind)

    assert failed == dict.fromkeys(failed, True)


@requirement("lifecycle.failed-construction-closes")
@pytest.mark.parametrize("error", ["OSError", "KeyboardInterrupt", "SystemExit"])
@pytest.mark.parametrize("step", STEPS)
def test_a_constructor_that_fails_closes_the_server(host, step, error):
    seen = host.call(construction.fail_to_construct, NAMES, step, error)

    assert {name: closed for name, (_, closed) in seen.items()} == {name: ["closed"] for name in seen}


@requirement("lifecycle.failed-construction-closes")
@pytest.mark.skipif(sys.platform != "linux", reason="needs names without a path")
def test_a_constructor_that_fails_at_a_name_without_a_path_closes_the_server(host):
    assert host.call(construction.fail_at_an_abstract_name) == ("itself", ["closed"])


@requirement("lifecycle.failed-construction-closes")
@pytest.mark.parametrize("kind", ["impossible", "occupied"])
def test_an_address_that_cannot_be_closes_the_server(host, kind):
    closed = host.call(construction.closed_at_addresses, NAMES, kind)

    assert closed == {name: ["closed"] for name in closed}


@requirement("lifecycle.failed-construction-leaks-nothing")
@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
@pytest.mark.parametrize("kind", ["impossible", "occupied", "activation"])
@each_server([*INET_STREAM, *SYNCHRONOUS[1:]])
def test_constructors_that_fail_leave_nothing_open(host, server_class, kind):
    host.call(construction.fail_again_and_again, server_class.name, kind, 1)  # some things may be made for good
    before = host.vitals()

    failures = host.call(construction.fail_again_and_again, server_class.name, kind, 5)

    grown = growth_of(host, before)
    assert {"failures": failures, **grown} == {"failures": 5, "threads": 0, "descriptors": 0, "children": 0}


@requirement("lifecycle.occupied-address-is-refused")
@each_server(SYNCHRONOUS)
def test_a_second_server_at_an_address_is_refused(host, serve, server_class):
    first = serve(server_class, pipeline.do_nothing, loop=False)

    second = host.call(construction.make_another, server_class.name, first.address)
    first.knock()
    first.start("handle_request")

    handled = first.comes("handler.enter")
    assert {"second": second, "first goes on": handled} == {"second": "EADDRINUSE", "first goes on": True}
