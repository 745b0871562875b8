"""Checks of answers, and of how often a request was handled."""

import pytest

from harness.checks import answers
from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History
from harness.history.script import history_of

STREAM = (
    "client.connect client=a",
    "client.send client=a data=ab",
    "client.send client=a data=c",
    "handler.enter client=a",
)
DATAGRAMS = (
    "client.send client=a data=one",
    "client.send client=a data=two",
    "handler.enter client=a data=one",
    "handler.enter client=a data=two",
)
END = "client.end client=a"


def echo(*lines: str) -> History:
    return history_of(*STREAM, *lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("client.receive client=a data=a", "client.receive client=a data=bc", END),
        ("client.receive client=a data=ab",),  # the rest may still be on its way
    ],
)
def test_an_echo_is_unaltered(lines: tuple[str, ...]) -> None:
    assert answers.altered_answers(echo(*lines)) == []


@pytest.mark.parametrize("data", ["ab", "abd", "x", "abcd", "bc"])
def test_an_echo_that_is_altered_or_cut_or_too_long_is_reported(data: str) -> None:
    history = echo(f"client.receive client=a data={data}", END)

    assert answers.altered_answers(history) == [
        Violation(
            f"client a sent 3 bytes and received {len(data)}, not the same",
            (history[1], history[2], history[4]),
        )
    ]


def test_a_long_echo_is_compared_by_its_beginning_and_its_size() -> None:
    start = (
        "client.connect client=a",
        "client.send client=a data=ab size=#9",
        "handler.enter client=a",
    )

    right = history_of(*start, "client.receive client=a data=abc size=#9", END)
    short = history_of(*start, "client.receive client=a data=abc size=#8", END)

    assert answers.altered_answers(right) == []
    assert len(answers.altered_answers(short)) == 1


def test_datagrams_may_come_back_in_any_order() -> None:
    history = history_of(*DATAGRAMS, "client.receive client=a data=two", "client.receive client=a data=one")

    assert answers.altered_answers(history) == []


def test_a_datagram_that_comes_back_altered_is_reported() -> None:
    history = history_of(*DATAGRAMS, "client.receive client=a data=onetwo")

    assert answers.altered_answers(history) == [
        Violation(
            "client a received a datagram that is none of those it sent",
            (history[0], history[1], history[4]),
        )
    ]


def test_without_any_answer_none_is_proven_unaltered() -> None:
    with pytest.raises(Inconclusive, match="no client received anything"):
        answers.altered_answers(echo(END))


def test_everybody_who_receives_the_own_data_is_answered_right() -> None:
    history = echo(
        "client.send client=b data=xyz",
        "client.receive client=b data=xyz",
        "client.receive client=a data=abc",
    )

    assert answers.answered_by_another(history) == []


def test_data_that_is_part_of_the_own_data_is_not_taken_for_that_of_another() -> None:
    history = echo("client.send client=b data=b", "client.receive client=a data=abc")

    assert answers.answered_by_another(history) == []


def test_an_answer_meant_for_another_client_is_reported() -> None:
    history = echo(
        "client.send client=b data=xyz",
        "client.receive client=a data=xyz",
        "client.receive client=c data=abc",
    )

    assert answers.answered_by_another(history) == [
        Violation("client a received what client b had sent", (history[4], history[5])),
        Violation("client c received what client a had sent", (history[1], history[2], history[6])),
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (("client.send client=b data=xyz",), "no client received anything"),
        (("client.receive client=a data=abc",), "no two clients sent different things"),
        (
            ("client.send client=b data=abc", "client.receive client=a data=abc"),
            "no two clients sent different things",
        ),
    ],
)
def test_clients_that_cannot_be_told_apart_prove_nothing(lines: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(Inconclusive, match=complaint):
        answers.answered_by_another(echo(*lines))


@pytest.mark.parametrize("lines", [STREAM, DATAGRAMS])
def test_each_request_handled_once_is_right(lines: tuple[str, ...]) -> None:
    history = history_of(*lines)

    assert answers.handled_more_than_once(history) == []
    assert answers.never_handled(history) == []


def test_a_request_that_is_handled_twice_is_reported() -> None:
    history = echo("handler.enter client=a")

    assert answers.handled_more_than_once(history) == [
        Violation("client a made 1 request and had 2 handlers", (history[0], history[3], history[4]))
    ]


def test_a_request_that_is_never_handled_is_reported() -> None:
    history = history_of(*DATAGRAMS, "client.send client=b data=three")

    assert answers.never_handled(history) == [Violation("client b made 1 request and had 0 handlers", (history[4],))]


def test_a_handler_more_for_one_client_does_not_make_up_for_another() -> None:
    history = history_of(*DATAGRAMS[:3], "handler.enter client=c data=two")

    assert [violation.says for violation in answers.never_handled(history)] == [
        "client a made 2 requests and had 1 handler"
    ]


def test_without_requests_nothing_is_proven() -> None:
    with pytest.raises(Inconclusive, match="no client made a request"):
        answers.never_handled(history_of("handler.enter client=a"))
    with pytest.raises(Inconclusive, match="no client made a request"):
        answers.handled_more_than_once(history_of("handler.enter client=a"))


def test_without_handlers_nothing_is_proven_of_too_many() -> None:
    with pytest.raises(Inconclusive, match="no handler ran"):
        answers.handled_more_than_once(history_of(*STREAM[:3]))
