"""Make text of a candidate safe to look at.

What a candidate writes to stderr may hold anything: escape sequences that repaint a terminal, marks
that turn the reading direction round, half characters that cannot be encoded.  Here they become
visible; what the format of a report needs (HTML, Markdown) is the business of its renderer.
"""

import unicodedata

_KEPT = "\n\t"


def printable(text: str) -> str:
    r"""Return *text* with everything that could not be seen written out: `\x1b`, `\u202e`."""
    text = text.replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_visible(char) else _written_out(char) for char in text)


def excerpt(text: str, lines: int) -> str:
    """Return *text* cut in the middle to about *lines* lines; a last line is likely the reason."""
    found = text.rstrip("\n").split("\n")
    if len(found) <= lines:
        return "\n".join(found)
    head, tail = lines - lines // 2, lines // 2
    left_out = f"… {len(found) - head - tail} lines left out; the run record has them …"
    return "\n".join([*found[:head], left_out, *found[-tail:]])


def _is_visible(char: str) -> bool:
    # Cc control, Cf direction and joining marks, Cs half characters, Zl/Zp line separators
    return char in _KEPT or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _written_out(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
