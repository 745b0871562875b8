"""From the text behind ``--impl`` to a candidate: what to import, and with which interpreter.

A text is ``WHAT`` or ``WHAT@INTERPRETER``.  WHAT is, in this order: a name in candidates.toml; a
path, if it ends in ``.py`` or contains a path separator; a dotted module, looked for in the current
folder, too.  INTERPRETER is what `harness.interpreters.find` understands.

The candidate is imported once in a process of its own, the probe, so that whatever is wrong with it
ends the run early and with one line.
"""

import glob
import json
import os
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from harness import interpreters, probing
from harness.host import loading
from harness.interpreters import CandidateError

__all__ = [
    "Candidate",
    "CandidateError",
    "Facts",
    "from_json",
    "interpreter_command",
    "known_deviations",
    "load_settings",
    "resolve",
    "resolve_all",
]

# Runs before every bootstrap: the project's root must not get onto the candidate's sys.path.
_PROLOGUE = """\
import json, sys
from importlib.util import module_from_spec, spec_from_file_location
spec = spec_from_file_location("harness.host.loading", {path!r})
loading = sys.modules[spec.name] = module_from_spec(spec)
spec.loader.exec_module(loading)
loading.OwnPackages(loading.ROOT, ["harness", "conformance"]).install()
arguments = sys.argv[1:]
"""
_HERE = Path(__file__).parent
_PROBE = "loading.probe_main()"


@dataclass(frozen=True)
class Facts:
    """What the probe saw.

    version: '3.8.18'. full_version: the same, or '3.15.0rc1'. implementation: 'CPython', 'PyPy'.
    implementation_version: 'PyPy' has its own. platform: sys.platform. gil: whether there is one.
    threads: running after the import; threads_before: running before it. file: where the module
    came from. classes: those of `loading.CLASSES` that it has.
    """

    version: str
    full_version: str
    implementation: str
    implementation_version: str
    platform: str
    gil: bool
    threads: int
    threads_before: int
    file: str | None
    classes: tuple[str, ...]

    @property
    def pair(self) -> str:
        """The version that decides the contract: '3.8'."""
        return ".".join(self.version.split(".")[:2])

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of *names* that stand for documented classes which the module lacks."""
        return tuple(name for name in names if name in loading.CLASSES and name not in self.classes)


@dataclass(frozen=True)
class Candidate:
    """A module under test, the interpreter that runs it, and how to import it there.

    name: the text that was given. kind, target, paths, before: see `harness.host.loading`.
    site: whether it needs site-packages. interpreter: path of the executable.
    deviations: path of the file that declares its known deviations, whether it exists or not.
    """

    name: str
    kind: str
    target: str
    paths: tuple[str, ...]
    before: str | None
    site: bool
    interpreter: str
    deviations: str | None
    facts: Facts

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` needs, so that another process need not resolve it again."""
        return asdict(self)


@dataclass(frozen=True)
class _Plan:
    """How to import what a text means; site is "never", "if needed" or "always"."""

    kind: str
    target: str
    paths: tuple[str, ...] = ()
    before: str | None = None
    site: str = "if needed"
    known: str | None = None

    def settings(self) -> dict[str, Any]:
        return _settings(self.kind, self.target, self.paths, self.before)


def resolve(text: str, *, before: str | None = None, deadline: float = 10.0) -> Candidate:
    """Find out what *text* means, import it once in a process of its own, and return the candidate.

    *before* ("module:callable") is called before the import, which has *deadline* seconds.
    Raises CandidateError with one line when there is no such candidate.
    """
    try:
        return _resolve(text, before, deadline)
    except CandidateError as error:
        raise CandidateError(f"--impl={text}: {error}") from None


def resolve_all(texts: Iterable[str], *, before: str | None = None, deadline: float = 10.0) -> tuple[Candidate, ...]:
    """Resolve several texts; CandidateError also when one is given twice, or a pattern matches no file.

    A path may be a pattern, as in ``./variants/*.py``: it stands for each file that it matches, by name.
    """
    texts = tuple(each for text in texts for each in _matches(text))
    for text, times in Counter(texts).items():
        if times > 1:
            raise CandidateError(f"--impl={text} is given {times} times; once was expected")
    return tuple(resolve(text, before=before, deadline=deadline) for text in texts)


def _matches(text: str) -> list[str]:
    if os.path.exists(text) or os.sep not in text or not glob.has_magic(text):
        return [text]
    pattern, interpreter = _split(text)
    found = sorted(path for path in glob.glob(pattern) if os.path.basename(path) != "__init__.py")
    if not found:
        raise CandidateError(f"--impl={text}: no file matches")
    return [path if interpreter is None else f"{path}@{interpreter}" for path in found]


def from_json(data: Mapping[str, Any]) -> Candidate:
    """Return the candidate that `Candidate.to_json` described."""
    facts = Facts(**{**data["facts"], "classes": tuple(data["facts"]["classes"])})
    return Candidate(**{**data, "paths": tuple(data["paths"]), "facts": facts})


def load_settings(candidate: Candidate) -> dict[str, Any]:
    """Return the settings for `harness.host.loading.load`, as JSON can carry them."""
    return _settings(candidate.kind, candidate.target, candidate.paths, candidate.before)


def interpreter_command(candidate: Candidate, bootstrap: str, *arguments: str) -> list[str]:
    """Return the command that runs *bootstrap* with the candidate's interpreter, isolated (``-I``).

    The source *bootstrap* finds `sys`, `json`, `loading` and the list `arguments` there, and may
    import `harness.host` and `conformance`.
    """
    return _command(candidate.interpreter, candidate.site, bootstrap, *arguments)


def _settings(kind: str, target: str, paths: tuple[str, ...], before: str | None) -> dict[str, Any]:
    return {"kind": kind, "target": target, "paths": list(paths), "before": before}


def _command(executable: str, site: bool, bootstrap: str, *arguments: str) -> list[str]:
    flags = ["-I"] if site else ["-I", "-S"]
    code = _PROLOGUE.format(path=os.path.abspath(loading.__file__)) + bootstrap
    return [executable, *flags, "-c", code, *arguments]


def _resolve(text: str, before: str | None, deadline: float) -> Candidate:
    what, interpreter_text = _split(text)
    plan = _plan(what)
    if before is not None:
        site = "if needed" if plan.site == "never" else plan.site  # *before* may live there
        plan = replace(plan, before=_checked_call(before), site=site)
    interpreter = interpreters.find(interpreter_text)
    needs_site, facts = _examine(plan, interpreter.executable, deadline)
    return Candidate(
        name=text,
        kind=plan.kind,
        target=plan.target,
        paths=plan.paths,
        before=plan.before,
        site=needs_site,
        interpreter=interpreter.executable,
        deviations=_deviations(plan, facts),
        facts=facts,
    )


def known_deviations(name: str) -> Path | None:
    """Return where the known deviations of a candidate with a name of its own are, or would be."""
    return _HERE / "known_deviations" / f"{name}.toml" if name in _known() else None


def _deviations(plan: _Plan, facts: Facts) -> str | None:
    """Say where the known deviations are: in this package, or beside ``X.py`` or folder ``X``."""
    if plan.known is not None:
        return str(known_deviations(plan.known))
    if facts.file is None:
        return None
    file = Path(facts.file)
    module = file.parent if file.name == "__init__.py" else file.with_suffix("")
    return str(module.with_name(f"{module.name}.deviations.toml"))


def _split(text: str) -> tuple[str, str | None]:
    """Split WHAT@INTERPRETER; an @ that belongs to an existing path is no separator."""
    what, at, interpreter = text.rpartition("@")
    if not at or os.path.exists(text):
        what, interpreter = text, ""
    elif not interpreter:
        raise CandidateError("nothing behind the @; a version, a command or a path was expected")
    if not what:
        raise CandidateError("no candidate; a known name, a module or a path was expected")
    return what, interpreter or None


def _plan(what: str) -> _Plan:
    if what in _known():
        return _known()[what]
    if what.endswith(".py") or os.sep in what:
        return _path_plan(what)
    if not all(part.isidentifier() for part in what.split(".")):
        raise CandidateError(f"neither a known name ({', '.join(_known())}), a module nor a path")
    return _Plan("module", what, (os.getcwd(),))


def _path_plan(what: str) -> _Plan:
    path = os.path.abspath(what)
    folder = os.path.dirname(path)
    if os.path.isfile(path):
        return _Plan("file", path, (folder,))
    if not os.path.isdir(path):
        raise CandidateError("there is no such file")
    if not os.path.isfile(os.path.join(path, "__init__.py")):
        raise CandidateError("a folder without __init__.py is no module")
    return _Plan("package", path, (folder,))


def _checked_call(before: str) -> str:
    module, _, attribute = before.partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), attribute)):
        raise CandidateError(f"before={before}: module:callable was expected")
    return before


@cache
def _known() -> dict[str, _Plan]:
    with (_HERE / "candidates.toml").open("rb") as file:
        tables = tomllib.load(file)
    return {
        name: _Plan(
            kind=table["kind"],
            target=table["target"],
            before=table.get("before"),
            site=table["site"],
            known=name,
        )
        for name, table in tables.items()
    }


def _examine(plan: _Plan, executable: str, deadline: float) -> tuple[bool, Facts]:
    """Import the candidate, if need be with site-packages; return whether there was need."""
    settings = json.dumps(plan.settings())
    ways = {"never": [False], "always": [True], "if needed": [False, True]}[plan.site]
    patience = probing.Patience(deadline)
    for site in ways:
        report = probing.probe(_command(executable, site, _PROBE, settings), patience)
        if not report.get("error", {}).get("import_error"):
            break
    if "error" in report:
        raise CandidateError(_blame(report["error"]))
    if "no_server" in report:
        raise CandidateError(
            f"has neither {' nor '.join(loading.SERVER_CLASSES)}; a module with socketserver's interface was expected"
        )
    del report["pair"]
    return site, Facts(**{**report, "classes": tuple(report["classes"])})


def _blame(error: Mapping[str, Any]) -> str:
    kind, message, where = error["type"], error["message"], error["where"]
    if where is None:
        return message if kind == "ModuleNotFoundError" else f"{kind}: {message}"
    return f"{kind} in {where}" + (f": {message}" if message else "")
