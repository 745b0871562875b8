"""Which verdict is worse, and which make a run fail."""

from itertools import pairwise

import pytest

from harness.verdicts import Verdict, fails_run, worst


def test_the_worst_of_several_verdicts_is_the_one_that_counts() -> None:
    assert worst([Verdict.PASS, Verdict.FAIL, Verdict.LEAK]) is Verdict.FAIL
    assert worst(Verdict) is Verdict.HARNESS_ERROR
    assert worst([Verdict.NOT_IN_CONTRACT, Verdict.PASS]) is Verdict.PASS
    assert worst([Verdict.PASS, Verdict.MISSING]) is Verdict.PASS


def test_the_verdicts_of_a_check_stand_in_order_of_badness() -> None:
    assert [str(verdict) for verdict in Verdict] == [
        "pass",
        "missing",
        "unsupported",
        "known deviation",
        "inconclusive",
        "unexpected pass",
        "leak",
        "fail",
        "hang",
        "crash",
        "harness error",
        "not in contract",
        "not selected",
    ]
    judged = [verdict for verdict in list(Verdict)[:11] if verdict is not Verdict.MISSING]
    assert [worst([one, other]) for one, other in pairwise(judged)] == judged[1:]


def test_the_worst_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        worst([])


def test_only_harmless_verdicts_let_a_run_succeed() -> None:
    assert {verdict for verdict in Verdict if not fails_run(verdict)} == {
        Verdict.PASS,
        Verdict.MISSING,
        Verdict.UNSUPPORTED,
        Verdict.KNOWN_DEVIATION,
        Verdict.NOT_IN_CONTRACT,
        Verdict.NOT_SELECTED,
    }


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_can_be_found_by_its_text_and_explains_itself(verdict: Verdict) -> None:
    assert Verdict(verdict.value) is verdict
    assert verdict.meaning.endswith(".")
