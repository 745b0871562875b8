"""Types and options of sockets, as classes, subclasses and systems want them."""

import socket
import sys

import pytest

from conformance.servers import INET, STREAM, UNIX
from conformance.sockets.behaviours import options
from harness.machine import has_ipv6
from harness.marks import requirement

INET_NAMES = [each.name for each in INET]
WITH_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")


@requirement("sockets.type-is-the-class-attribute")
@pytest.mark.skipif(sys.platform != "linux", reason="needs sockets for sequenced packets")
def test_a_class_with_another_type_keeps_messages_apart(host):
    seen = host.call(options.sequenced_packets, [each.name for each in UNIX if each in STREAM])

    assert seen == {name: [[b"one", b"two"]] for name in seen}


@requirement("sockets.options-are-left-alone")
@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="needs both options")
def test_options_that_somebody_else_has_set_stay_set(host):
    seen = host.call(options.options_left_alone, INET_NAMES)

    assert seen == {name: [True, True] for name in seen}


@requirement("sockets.missing-options-are-skipped")
@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="needs both options, to take them away")
def test_servers_are_bound_on_systems_without_the_options(host):
    seen = host.call(options.bind_without_options, INET_NAMES)

    assert seen == dict.fromkeys(seen, None)


@requirement("sockets.dual-stack-is-the-systems-choice")
@WITH_IPV6
def test_whether_ipv4_is_served_too_is_as_the_system_has_it(host):
    seen = host.call(options.dual_stack, INET_NAMES)

    assert seen == dict.fromkeys(seen, True)


@requirement("sockets.dual-stack-is-up-to-the-subclass")
@WITH_IPV6
def test_whether_ipv4_is_served_too_is_as_the_subclass_has_set_it(host):
    seen = host.call(options.dual_stack_of_a_subclass, INET_NAMES)

    assert seen == dict.fromkeys(seen, True)
