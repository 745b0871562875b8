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
CLASSES = [*OTHERS, *(each.name for each in ALL)]


@requirement("hierarchy.star-import-brings-the-classes")
def test_a_star_import_brings_every_class_that_is_there(host):
    assert host.call(names.not_brought, CLASSES) == []


@requirement("hierarchy.star-import-brings-nothing-else")
def test_a_star_import_brings_nothing_but_classes_of_the_module(host):
    assert host.call(names.brought_besides, CLASSES) == {"no class": [], "foreign": []}


@requirement("hierarchy.public-classes-are-exported")
def test_a_star_import_brings_every_public_class(host):
    assert host.call(names.unexported_classes) == []


@requirement("hierarchy.no-forking-without-fork")
def test_without_fork_there_are_no_forking_classes(host):
    present, without = host.call(names.names_with_and_without, "os", "fork", CLASSES)

    assert without == [name for name in present if "Forking" not in name]


@requirement("hierarchy.no-unix-servers-without-unix-sockets")
def test_without_unix_sockets_there_are_no_servers_for_them(host):
    present, without = host.call(names.names_with_and_without, "socket", "AF_UNIX", CLASSES)

    assert without == [name for name in present if "Unix" not in name]


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
