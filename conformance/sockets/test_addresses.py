"""Which addresses servers have and take, and which their clients have."""

import sys

import pytest

from conformance.servers import ALL, INET, STREAM, UNIX
from conformance.sockets.behaviours import addresses
from conformance.visitors import visitor
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has abstract names, and any bytes for names")
UNIX_NAMES = [each.name for each in UNIX]
UNIX_STREAM_NAMES = [each.name for each in UNIX if each in STREAM]


@requirement("sockets.requested-address-until-bound")
def test_when_binding_begins_the_address_is_the_one_that_was_asked_for(host):
    seen = host.call(addresses.addresses_when_binding, [each.name for each in ALL])

    assert {name: found for name, (_, *found) in seen.items()} == {name: [asked] for name, (asked, *_) in seen.items()}


@requirement("sockets.unix-address-is-the-path")
@pytest.mark.parametrize("kind", ["text", "bytes", pytest.param("no text", marks=ON_LINUX), "longest"])
def test_the_address_of_a_unix_server_is_its_path(host, kind):
    found = host.call(addresses.unix_addresses, UNIX_NAMES, kind)

    assert found == dict.fromkeys(found, True)


@requirement("sockets.path-objects-are-accepted")
def test_a_path_object_is_a_path(host):
    found = host.call(addresses.addresses_from_path_objects, UNIX_NAMES)

    assert found == dict.fromkeys(found, True)


@requirement("sockets.abstract-name-is-an-address")
@ON_LINUX
@pytest.mark.parametrize("as_bytes", [False, True], ids=["text", "bytes"])
def test_a_server_knows_its_abstract_name(host, as_bytes):
    found = host.call(addresses.addresses_at_abstract_names, UNIX_NAMES, as_bytes)

    assert found == dict.fromkeys(found, True)


@requirement("sockets.abstract-name-is-an-address")
@ON_LINUX
@each_server(UNIX)
def test_a_server_answers_at_its_abstract_name(serve, host, server_class):
    server = serve(server_class, addresses.answer, address=f"\0{host.folder.name}")

    assert visitor(server, server_class).receive() == b"answer"


@requirement("sockets.empty-path-chooses-a-name")
@ON_LINUX
def test_servers_without_a_path_get_different_names(host):
    found = host.call(addresses.chosen_names, UNIX_NAMES)

    assert found == {name: {"abstract": [True, True], "different": True} for name in found}


@requirement("sockets.too-long-path-is-refused")
def test_a_path_that_is_too_long_closes_the_server(host):
    found = host.call(addresses.refuse_long_paths, UNIX_NAMES)

    assert found == {name: ["OSError", -1] for name in found}


@requirement("sockets.ipv6-peer-has-four-parts")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
def test_the_address_of_an_ipv6_client_is_whole(host):
    found = host.call(addresses.ipv6_peers, [each.name for each in INET if each in STREAM])

    assert found == {name: [True] for name in found}


@requirement("sockets.unix-peer-has-its-name")
@pytest.mark.parametrize("kind", ["path", pytest.param("abstract", marks=ON_LINUX)])
def test_a_unix_client_is_known_by_its_name(host, kind):
    found = host.call(addresses.named_peers, UNIX_STREAM_NAMES, kind)

    assert found == {name: [True] for name in found}


@requirement("sockets.unnamed-unix-peer-is-nobody")
def test_a_unix_client_without_a_name_has_an_address_that_is_false(host):
    found = host.call(addresses.unnamed_peers, UNIX_STREAM_NAMES)

    assert found == {name: [False] for name in found}
