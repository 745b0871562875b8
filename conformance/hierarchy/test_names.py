"""Which names the module has, and what importing it does."""

import pytest

from conformance.hierarchy import behaviours
from conformance.servers import ALL
from harness.marks import requirement

OTHERS = (
    "BaseServer",
    "ForkingMixIn",
    "ThreadingMixIn",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "DatagramRequestHandler",
)
EVER = [*OTHERS, *(each.name for each in ALL)]
ALWAYS = [*OTHERS, *(each.name for each in ALL if each.since is None)]
NEW = [each.name for each in ALL if each.since == "3.12"]


@requirement("hierarchy.documented-classes-exist")
def test_every_documented_class_exists(host):
    assert host.call(behaviours.classes_among, ALWAYS) == ALWAYS


@requirement("hierarchy.forking-unix-servers-exist")
def test_forking_servers_for_unix_sockets_are_predefined(host):
    assert host.call(behaviours.classes_among, NEW) == NEW


@requirement("hierarchy.forking-unix-servers-exist")
def test_a_star_import_brings_forking_servers_for_unix_sockets(host):
    assert host.call(behaviours.star_import, NEW)["missing"] == []


@requirement("hierarchy.star-import-brings-the-classes")
def test_a_star_import_brings_the_classes_and_nothing_else(host):
    assert host.call(behaviours.star_import, ALWAYS) == {"missing": [], "no class": []}


@requirement("hierarchy.no-forking-without-fork")
def test_without_fork_there_are_no_forking_classes(host):
    expected = [name for name in EVER if "Forking" not in name]

    assert host.call(behaviours.names_without, "os", "fork", EVER) == expected


@requirement("hierarchy.no-unix-servers-without-unix-sockets")
def test_without_unix_sockets_there_are_no_servers_for_them(host):
    expected = [name for name in EVER if "Unix" not in name]

    assert host.call(behaviours.names_without, "socket", "AF_UNIX", EVER) == expected


@requirement("hierarchy.version-is-text")
def test_the_version_is_text(host):
    assert host.call(behaviours.version_of) == "str"


@requirement("hierarchy.import-does-nothing-else")
@pytest.mark.parametrize("effect", ["threads", "descriptors", "printed"])
def test_importing_the_module_has_no_other_effect(host, effect):
    nothing = {"threads": 0, "descriptors": 0, "printed": ""}

    assert host.call(behaviours.effects_of_import)[effect] == nothing[effect]
