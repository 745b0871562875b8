r"""Write the details of an event as text, and read them back.

A value is one of

* a word, which is text: ``client=52920``
* text with anything in it, in JSON's double quotes: ``data="two words\n"``
* any other JSON value, without spaces, after a number sign: ``call=#3``, ``seen=#[1,2]``
"""

import json
import re

_WORD = re.compile(r"[!$-~][!-~]*")  # printable ASCII that begins with neither '"' nor '#'


def write_value(value: object) -> str:
    """Return *value* (anything that JSON can hold) as `read_value` understands it; ASCII only."""
    if not isinstance(value, str):
        # In compact JSON, blanks stand only inside strings, where an escape means the same.
        return "#" + json.dumps(value, separators=(",", ":")).replace(" ", "\\u0020")
    return value if _WORD.fullmatch(value) else json.dumps(value)


def read_value(text: str) -> object:
    """Return the value that *text* stands for; ValueError if it is none."""
    if text.startswith("#"):
        return _read_json(text[1:], text)
    if text.startswith('"'):
        return _read_json(text, text)
    return text


def _read_json(text: str, shown: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{shown} is not a value; expected a word, quoted text, or JSON after '#'") from error
