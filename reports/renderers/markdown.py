"""A table as GitHub-flavoured Markdown, for a pull request, an issue or a terminal.

Escaping is the default: whatever a template prints goes through `prose`, unless a filter has made
it `Markdown` already.  So a template cannot forget it.
"""

import html
import re
from pathlib import Path

import jinja2

from reports.conformance import Table
from reports.printable import excerpt, printable
from reports.verdicts import MEANING

EVIDENCE_LINES = 60  # a block longer than this is cut: GitHub takes 65536 characters a comment

_TEMPLATES = Path(__file__).parent / "templates"
_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
_START = re.compile(r"^(\d+(?=[.)](?: |$))|(?=[#+=-]))")  # what begins a heading, a list, a rule
_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\\`|\"']+")


class Markdown(str):
    """Text that is Markdown already and must not be escaped again."""


def render(table: Table) -> str:
    """Render *table* as Markdown that ends with a newline."""
    return environment().get_template("conformance.md.jinja").render(table=table, meaning=MEANING)


def environment() -> jinja2.Environment:
    """Return what renders a template of this folder as Markdown, everything escaped."""
    made = jinja2.Environment(  # noqa: S701 - for Markdown, finalize escapes
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        finalize=prose,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(code=code, block=block, reference=reference)
    return made


def prose(value: object) -> str:
    """Return *value* as one line in which no character means anything to Markdown or HTML."""
    if isinstance(value, Markdown):
        return value
    line = " ".join(printable(str(value)).split())
    return html.escape(_START.sub(r"\1\\", _SPECIAL.sub(r"\\\g<0>", line)), quote=False)


def code(value: object) -> Markdown:
    """Return *value* as a code span on one line; not for table cells if it may hold a `|`."""
    line = " ".join(printable(str(value)).split()) or " "
    ticks = _more_than_in(line, at_least=1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return Markdown(f"{ticks}{padding}{line}{padding}{ticks}")


def block(value: str, indent: int = 0) -> Markdown:
    """Return *value* as a fenced code block that nothing in it can close, maybe shortened."""
    text = excerpt(printable(value), EVIDENCE_LINES)
    fence = _more_than_in(text, at_least=3)
    lines = [f"{fence}text", *text.split("\n"), fence]
    return Markdown("\n".join(" " * indent + line for line in lines))


def reference(value: str) -> Markdown:
    """Return a source as a link if it is a plain web address, else as prose."""
    return Markdown(f"<{value}>") if _ADDRESS.fullmatch(value) else Markdown(prose(value))


def _more_than_in(text: str, at_least: int) -> str:
    """Return more backticks than stand together anywhere in *text*."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    return "`" * max(longest + 1, at_least)
