"""Values that cross from the host to the test and back, as JSON.

JSON has neither bytes nor tuples; both matter here (a client address is a tuple, a datagram is bytes), so they travel
as one-key objects.  A value that cannot travel arrives as its type's name and its repr.
"""

import traceback
from typing import Any, Callable

_PLAIN = (type(None), bool, int, float, str)


def encode(value: object) -> "Any":
    """Return a JSON-able form of *value* that decode() turns back."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).decode("latin-1")}
    if isinstance(value, tuple):
        return {"tuple": [encode(item) for item in value]}
    if isinstance(value, (list, set, frozenset)):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(item)] for key, item in value.items()]}
    if callable(value) and hasattr(value, "__qualname__"):
        return {"function": "%s:%s" % (value.__module__, value.__qualname__)}
    return {"opaque": "%s %s" % (type(value).__name__, _shown(value))}


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return "without a repr"


def decode(form: "Any", resolve: "Callable[[str], Any] | None" = None) -> "Any":
    """Return the value that encode() was given; functions are looked up by *resolve*, or stay references."""
    if isinstance(form, list):
        return [decode(item, resolve) for item in form]
    if not isinstance(form, dict):
        return form
    [(tag, content)] = form.items()
    if tag == "bytes":
        return content.encode("latin-1")
    if tag == "tuple":
        return tuple(decode(item, resolve) for item in content)
    if tag == "dict":
        return {decode(key, resolve): decode(item, resolve) for key, item in content}
    if tag == "function" and resolve is not None:
        return resolve(content)
    return content


def describe(error: BaseException) -> "dict[str, Any]":
    """Return a JSON-able description of the exception *error*: its class, the classes it is one of, its words."""
    return {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": _words(error),
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "without words"
