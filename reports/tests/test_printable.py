"""A candidate's text becomes visible and short."""

import pytest

from reports.printable import excerpt, printable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("two\nlines\tand a tab", "two\nlines\tand a tab"),
        ("dos\r\nlines", "dos\nlines"),
        ("over\rwritten", "over\\x0dwritten"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("nul\x00 bell\x07 del\x7f", "nul\\x00 bell\\x07 del\\x7f"),
        ("\u202eexe.png", "\\u202eexe.png"),
        ("half \udc80 character", "half \\udc80 character"),
        ("line\u2028separator", "line\\u2028separator"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("žluťoučký kůň …", "žluťoučký kůň …"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_a_short_text_is_kept_whole() -> None:
    assert excerpt("a\nb\nc\n", 3) == "a\nb\nc"


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = "\n".join(str(number) for number in range(100))

    assert excerpt(text, 5) == "0\n1\n2\n… 95 lines left out; the run record has them …\n98\n99"
