"""The two decorators of the suite's tests."""

import pytest

from conformance.servers import STREAM
from harness.marks import each_server, requirement

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnknownMarkWarning")


def test_a_test_names_the_requirement_that_it_checks() -> None:
    @requirement("waiting.for-all")
    def check() -> None: ...

    assert [(mark.name, mark.args) for mark in check.pytestmark] == [  # type: ignore[attr-defined]
        ("requirement", ("waiting.for-all",))
    ]


def test_a_test_checks_one_requirement_only() -> None:
    with pytest.raises(ValueError, match="check names two requirements; expected one a test"):

        @requirement("waiting.for-all")
        @requirement("waiting.for-none")
        def check() -> None: ...


def test_a_test_for_each_server_is_named_after_it() -> None:
    mark = each_server(STREAM).mark

    assert mark.args == ("server_class", STREAM)
    assert mark.kwargs["ids"][0] == "TCPServer"
