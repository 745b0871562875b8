"""The classes that a candidate has, and what it means to look for others."""

from __future__ import annotations

import pytest

from harness.deadlines import Deadline
from harness.hosts import Host
from harness.interpreters import Interpreter
from harness.nurseries import Nursery
from harness.outcomes import Missing, Raised
from harness.tests.arranging import PATIENCE, stdlib_of
from harness.tests.conftest import StartHost
from harness.tests.test_host import acts


def test_those_that_are_there_are_found_in_the_order_of_the_names(
    start_host: StartHost, this_python: Interpreter
) -> None:
    host = start_host(this_python)

    assert host.call(acts.names_of_classes, ["UDPServer", "NoServer", "TCPServer"]) == ["UDPServer", "TCPServer"]


def test_whoever_asks_for_none_finds_none(start_host: StartHost, this_python: Interpreter) -> None:
    assert start_host(this_python).call(acts.names_of_classes, []) == []


def test_if_none_is_there_the_first_is_what_is_lacking(start_host: StartHost, this_python: Interpreter) -> None:
    with pytest.raises(Raised, match="module 'socketserver' has no attribute 'NoServer'"):
        start_host(this_python).call(acts.names_of_classes, ["NoServer", "NoOtherServer"])


def test_a_class_that_a_defect_has_removed_is_missing(this_python: Interpreter) -> None:
    nursery = Nursery(stdlib_of(this_python))
    host = Host(nursery, Deadline(PATIENCE), (f"{acts.__name__}:remove_a_class",))
    try:
        with pytest.raises(Missing, match="the candidate has no UDPServer"):
            host.call(acts.names_of_classes, ["UDPServer"])
    finally:
        host.end()
        nursery.close()
