"""Read the JSON of a record, and refuse a file that is not a whole one.

A record is whole if it is valid JSON, of the format and version that its reader knows, and ends
with its footer.  What the footer and the other parts say is the business of each kind of record.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, TypeVar

from reports.decoding import DecodingError, decode

Record = TypeVar("Record")


class RecordError(ValueError):
    """A file is not a whole record; the message is one line and names the file."""


@dataclass(frozen=True)
class Format:
    """What tells a kind of record from other JSON; `noun` is its name for people."""

    name: str
    version: int
    noun: str


def read_whole(
    path: Path, expected: Format, kind: type[Record], contradictions: Callable[[Record], Iterable[str]]
) -> Record:
    """Read the record in *path*, an instance of *kind* of which *contradictions* says what cannot be.

    Raises RecordError if the file cannot be read, is not a whole record of the *expected* format, or
    contradicts itself.
    """
    try:
        record = decode(kind, _parse_whole(path, expected))
    except DecodingError as error:
        raise RecordError(f"{path}: {error}") from error
    for problem in contradictions(record):
        raise RecordError(f"{path}: {problem}")
    return record


def missing_parts(parts: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Yield where the footer promises another number of *parts* than there are; by name: promised, found."""
    for name, (promised, found) in parts.items():
        if promised != found:
            yield f"its footer counts {promised} {name}, but it holds {found}"


def _parse_whole(path: Path, expected: Format) -> Mapping[str, object]:
    parsed = _parse(_read(path), expected)
    if not isinstance(parsed, dict) or parsed.get("format") != expected.name:
        raise DecodingError(f"is not a {expected.noun}: it has no format {expected.name!r}")
    if parsed.get("version") != expected.version:
        found = f"{parsed.get('version')!r:.40}"
        raise DecodingError(f"has version {found} of the record format, expected version {expected.version}")
    last = list(parsed)[-1]
    if last != "footer":
        raise DecodingError(f"is truncated: its last key is {last!r:.40}, expected 'footer'")
    return parsed


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DecodingError(f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DecodingError(f"is not UTF-8 text (byte {error.start})") from error


def _parse(text: str, expected: Format) -> object:
    try:
        parsed: object = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DecodingError(_why_not_json(text, error, expected)) from error
    except (ValueError, RecursionError) as error:
        raise DecodingError(f"is not a {expected.noun}: {error}") from error
    return parsed


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _why_not_json(text: str, error: json.JSONDecodeError, expected: Format) -> str:
    if not text.strip():
        return f"is empty, expected a {expected.noun}"
    if text.lstrip().startswith("{") and not text.rstrip().endswith("}"):
        return f"is truncated: the JSON breaks off in line {text.rstrip().count(chr(10)) + 1}"
    return f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
