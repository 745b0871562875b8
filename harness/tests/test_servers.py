"""The server classes as data."""

from conformance import servers


def test_all_twelve_classes_of_the_documentation_are_there_once() -> None:
    assert len({each.name for each in servers.ALL}) == 12


def test_each_way_to_divide_the_classes_divides_all_of_them() -> None:
    divisions = [
        servers.STREAM + servers.DATAGRAM,
        servers.INET + servers.UNIX,
        servers.SYNCHRONOUS + servers.THREADING + servers.FORKING,
    ]

    assert all(sorted(map(str, division)) == sorted(map(str, servers.ALL)) for division in divisions)


def test_what_a_class_is_follows_from_its_name() -> None:
    for each in servers.ALL + servers.USER_BUILT:
        assert (each.transport == "datagram") == ("UDP" in each.name or "Datagram" in each.name)
        assert (each.family == "unix") == ("Unix" in each.name)
        assert (each.concurrency == "threads") == ("Threading" in each.name)
        assert (each.concurrency == "processes") == ("Forking" in each.name)


def test_forking_unix_classes_came_late() -> None:
    assert {each.name for each in servers.ALL if each.since == "3.12"} == {
        "ForkingUnixStreamServer",
        "ForkingUnixDatagramServer",
    }


def test_users_build_a_class_from_each_mix_in_and_each_base() -> None:
    assert len(servers.USER_BUILT) == 8
    assert servers.USER_BUILT[0].name == "ThreadingMixIn+TCPServer"
