"""The ways in which programs replace parts: on the object, through the class, in other modules."""

from conformance.hierarchy import behaviours
from harness.marks import requirement

ORDER = ["get_request", "verify_request", "process_request", "finish_request"]
CLOSING = ["shutdown_request", "close_request"]


@requirement("hierarchy.instance-attributes-override")
def test_what_is_assigned_to_the_object_is_used(host):
    called = host.call(behaviours.call_overrides_of_instance)

    assert called == [*ORDER, "handle_error", *CLOSING, "handle_timeout"]


@requirement("hierarchy.methods-callable-through-class")
def test_overrides_can_call_what_they_replace_through_the_class(host):
    called = host.call(behaviours.call_through_class)

    assert called == ["server_bind", "server_activate", *ORDER, *CLOSING, "server_close"]


@requirement("hierarchy.collaborators-looked-up-when-used")
def test_replacing_what_the_module_works_with_takes_effect(host):
    assert host.call(behaviours.used_replacements) == ["socket.socket", "threading.Thread", "os.fork"]
