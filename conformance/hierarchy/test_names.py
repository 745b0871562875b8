"""Which names the module has, and what importing it does."""

import pytest

from conformance.hierarchy.behaviours import names
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
WORKED_WITH = ["os", "socket", "sys", "threading"]
EVER = [*OTHERS, *(each.name for each in ALL)]
ALWAYS = [*OTHERS, *(each.name for each in ALL if each.since is None)]
NO_FORK, NO_UNIX = ("os", "fork"), ("socket", "AF_UNIX")
NEW = [each.name for each in ALL if each.since == "3.12"]


@requirement("hierarchy.documented-classes-exist")
def test_every_documented_class_exists(host):
    assert host.call(names.classes_among, ALWAYS) == ALWAYS


@requirement("hierarchy.forking-unix-servers-exist")
def test_forking_servers_for_unix_sockets_are_predefined(host):
    assert host.call(names.classes_among, NEW) == NEW


@requirement("hierarchy.forking-unix-servers-exist")
def test_a_star_import_brings_forking_servers_for_unix_sockets(host):
    assert host.call(names.star_import, NEW)["missing"] == []


@requirement("hierarchy.star-import-brings-the-classes")
def test_a_star_import_brings_the_classes_and_nothing_else(host):
    assert host.call(names.star_import, ALWAYS) == {"missing": [], "no class": [], "foreign": []}


@requirement("hierarchy.public-classes-are-exported")
def test_a_star_import_brings_every_public_class(host):
    assert host.call(names.unexported_classes) == []


@requirement("hierarchy.no-forking-without-fork")
def test_without_fork_there_are_no_forking_classes(host):
    expected = [name for name in EVER if "Forking" not in name]

    assert host.call(names.names_without, [NO_FORK], EVER) == expected


@requirement("hierarchy.no-forking-without-fork")
def test_with_neither_fork_nor_unix_sockets_the_rest_is_there(host):
    expected = [name for name in EVER if "Forking" not in name and "Unix" not in name]

    assert host.call(names.names_without, [NO_FORK, NO_UNIX], EVER) == expected


@requirement("hierarchy.no-unix-servers-without-unix-sockets")
def test_without_unix_sockets_there_are_no_servers_for_them(host):
    expected = [name for name in EVER if "Unix" not in name]

    assert host.call(names.names_without, [NO_UNIX], EVER) == expected


@requirement("hierarchy.version-is-text")
def test_the_version_is_text(host):
    assert host.call(names.version_of) == "str"


@requirement("hierarchy.reading-the-version-warns")
def test_whoever_reads_the_version_is_warned_once_at_his_own_line(host):
    assert host.call(names.ask_for_version) == [("DeprecationWarning", True)]


@requirement("hierarchy.unknown-name-is-an-attribute-error")
@pytest.mark.parametrize("name", ["NoSuchServer", "__nothing__"])
def test_a_name_that_the_module_does_not_have_is_an_attribute_error(host, name):
    assert host.call(names.ask_for_nonsense, name) is True


@requirement("hierarchy.modules-are-within-reach")
def test_the_modules_it_works_with_can_be_reached_through_it(host):
    assert host.call(names.modules_within, WORKED_WITH) == WORKED_WITH


@requirement("hierarchy.import-does-nothing-else")
@pytest.mark.parametrize("effect", ["threads", "descriptors", "printed"])
def test_importing_the_module_has_no_other_effect(host, effect):
    nothing = {"threads": 0, "descriptors": 0, "printed": ""}

    assert host.call(names.effects_of_import)[effect] == nothing[effect]
