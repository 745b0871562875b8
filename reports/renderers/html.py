"""A table as one HTML page that needs nothing else: no network, no script, no font.

What a candidate wrote is hostile until shown otherwise: everything a template prints is made
visible and escaped, and the page's own policy forbids scripts and requests, should that ever fail.
"""

import re
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from reports.conformance import LEVELS, Table
from reports.printable import printable
from reports.verdicts import MEANING, STANDINGS, UNKNOWN

_TEMPLATES = Path(__file__).parent / "templates"
_ADDRESS = re.compile(r"https?://\S+")


def render(table: Table) -> str:
    """Render *table* as one self-contained HTML page."""
    return (
        environment()
        .get_template("conformance.html.jinja")
        .render(table=table, levels=LEVELS, standings=STANDINGS, meaning=MEANING)
    )


def environment() -> jinja2.Environment:
    """Return what renders a template of this folder as a page, everything escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.tests.update(address=is_address)
    made.filters.update(fragment=fragment, word=word)
    return made


def is_address(value: str) -> bool:
    """Say whether *value* may become a link: only the web, never `javascript:` or a file."""
    return _ADDRESS.fullmatch(value) is not None


def fragment(anchor: str) -> str:
    """Return the link to the element whose id is *anchor*."""
    return "#" + quote(anchor, safe="@")


def word(verdict: str) -> str:
    """Return *verdict* as a class name."""
    return "unknown" if verdict == UNKNOWN else verdict.replace(" ", "-")


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
