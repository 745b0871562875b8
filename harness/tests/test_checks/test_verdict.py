"""Violations as values."""

from harness.checks.verdict import Violation
from harness.history.script import history_of


def test_violations_with_the_same_words_and_evidence_are_equal() -> None:
    one, other = history_of("mark", "mark")

    assert Violation("It broke.", (one,)) == Violation("It broke.", (one,))
    assert Violation("It broke.", (one,)) != Violation("It broke.", (other,))
    assert len({Violation("It broke.", (one,)), Violation("It broke.", (one,))}) == 1


def test_a_violation_as_text_shows_its_evidence() -> None:
    events = tuple(history_of("handler.enter client=a", "handler.exit client=a"))

    assert str(Violation("It broke.", events)) == ("It broke.\n    handler.enter client=a\n    handler.exit client=a")
