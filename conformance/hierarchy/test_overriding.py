"""The ways in which programs replace parts: on the object, through the class, in other modules."""

import pytest

from conformance.hierarchy.behaviours import overriding
from harness.marks import requirement

ORDER = ["get_request", "verify_request", "process_request", "finish_request"]


@requirement("hierarchy.instance-attributes-override")
@pytest.mark.parametrize("server_class", ["TCPServer", "UDPServer", "ThreadingMixIn+TCPServer"])
def test_what_is_assigned_to_the_object_is_used(host, server_class):
    called = host.call(overriding.call_overrides_of_instance, server_class)

    in_order = list(dict.fromkeys(called))  # a server may wait in get_request(), and call it again for that
    assert in_order == [*ORDER, "handle_error", "handle_timeout"]


@requirement("hierarchy.instance-attributes-override")
def test_what_is_assigned_to_the_object_is_used_by_the_loop(host):
    called = host.call(overriding.serve_with_overrides_of_instance, "TCPServer")

    assert called == sorted([*ORDER, "handle_error", "service_actions"])


@requirement("hierarchy.methods-callable-through-class")
@pytest.mark.parametrize("server_class", ["TCPServer", "UDPServer"])
def test_overrides_can_call_what_they_replace_through_the_class(host, server_class):
    called = host.call(overriding.call_through_class, server_class)

    assert called == ["__init__", "server_bind", "server_activate", *ORDER, "server_close"]


@requirement("hierarchy.methods-callable-through-class")
def test_overrides_can_call_the_mix_in_through_its_class(host):
    assert host.call(overriding.call_mix_in_through_class) == ["process_request", "server_close"]


@requirement("hierarchy.methods-callable-through-class")
def test_overrides_of_a_handler_can_call_what_they_replace_through_the_class(host):
    assert host.call(overriding.call_handler_through_class) == ["__init__", "setup", "handle", "finish"]


@requirement("hierarchy.objects-take-new-attributes")
def test_programs_can_keep_what_they_need_in_the_server(host):
    assert host.call(overriding.give_attribute_to_server) == "to serve"


@requirement("hierarchy.objects-take-new-attributes")
def test_programs_can_keep_what_they_need_in_the_handler(host):
    assert host.call(overriding.give_attribute_to_handler) == ["before", "to handle"]


@requirement("hierarchy.collaborators-looked-up-when-used")
@pytest.mark.parametrize(
    "use",
    [overriding.uses_socket, overriding.uses_thread, overriding.uses_fork, overriding.uses_stderr],
    ids=["socket.socket", "threading.Thread", "os.fork", "sys.stderr"],
)
def test_replacing_what_the_module_works_with_takes_effect(host, use):
    assert host.call(use) is True
