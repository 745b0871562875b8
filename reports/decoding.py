"""Turn parsed JSON into dataclasses, and say where it does not fit.

The dataclasses are the description: a field's annotation says what its JSON value must be.  Known
are str, int, float, bool, None, unions, Literal, tuple[X, ...], Mapping[str, X] and dataclasses.
Keys that a dataclass does not have are ignored, so that a record may say more than this reads.
"""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

T = TypeVar("T")

_NAMES: Mapping[object, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    types.NoneType: "null",
    list: "a list",
    tuple: "a list",
    dict: "an object",
    Mapping: "an object",
}


class DecodingError(ValueError):
    """A JSON value is not what its place needs; the message says where, what, and what instead."""


def decode(kind: type[T], value: object, where: str = "") -> T:
    """Make *value*, parsed JSON that was found at *where*, an instance of *kind*.

    Raises DecodingError at the first place that does not fit.
    """
    decoded: T = _decode(kind, value, where)
    return decoded


def _decode(kind: Any, value: object, where: str) -> Any:
    if dataclasses.is_dataclass(kind):
        return _object(kind, value, where)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind), value, where)
    if origin is Literal:
        return _literal(get_args(kind), value, where)
    if origin is tuple:
        items = _expect(list, value, where)
        return tuple(_decode(get_args(kind)[0], item, f"{where}[{n}]") for n, item in enumerate(items))
    if origin is Mapping:
        pairs = _expect(dict, value, where)
        return {key: _decode(get_args(kind)[1], item, f"{where}.{key}") for key, item in pairs.items()}
    return _expect(kind, value, where)


def _object(kind: Any, value: object, where: str) -> Any:
    pairs = _expect(dict, value, where)
    prefix = f"{where}." if where else ""
    missing = [field.name for field in dataclasses.fields(kind) if field.name not in pairs]
    if missing:
        raise DecodingError(f"{prefix}{missing[0]} is missing")
    return kind(
        **{
            field.name: _decode(field.type, pairs[field.name], prefix + field.name)
            for field in dataclasses.fields(kind)
        }
    )


def _union(kinds: tuple[Any, ...], value: object, where: str) -> Any:
    """Decode `X | None`, the only union that a record needs."""
    if value is None and types.NoneType in kinds:
        return None
    [kind] = [kind for kind in kinds if kind is not types.NoneType]
    return _decode(kind, value, where)


def _literal(choices: tuple[Any, ...], value: object, where: str) -> Any:
    if value not in choices:
        raise DecodingError(f"{where}: expected one of {', '.join(map(repr, choices))}, found {value!r:.80}")
    return value


def _expect(kind: Any, value: object, where: str) -> Any:
    found = type(value)
    if found is kind or (kind is float and found is int):
        return value
    raise DecodingError(f"{where or 'the record'}: expected {_NAMES[kind]}, found {_NAMES[found]}")
