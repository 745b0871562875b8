"""Find the interpreter that stands behind the ``@`` of a candidate: a version, a command or a path.

The search is findpython's.  Its own `find` asks every interpreter of the machine for its version,
one after the other, which takes seconds; here the likely ones are asked first, at the same time,
and one question tells all.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from findpython import PythonVersion
from findpython.providers import ALL_PROVIDERS
from findpython.providers.base import BaseProvider

#: The oldest version that can run the host.
OLDEST = (3, 6)

# pyenv's and asdf's folders of this name lead to interpreters that are found where they are.
_SHIMS = "shims"
_PATIENCE = 5.0  # seconds for an interpreter to say what it is
_LONGEST_LINE = 200  # characters of the last line of what it printed that are quoted
_QUESTION = (
    "import sys; print(sys.executable, sys.implementation.name,"
    " '.'.join(map(str, sys.version_info[:3])), 't' in getattr(sys, 'abiflags', ''), sep='\\n')"
)
_VERSION = re.compile(r"(?P<numbers>\d+(\.\d+){0,2})(?P<free>t?)")


class CandidateError(ValueError):
    """A candidate cannot be had; one line that says why and names what was expected."""


@dataclass(frozen=True)
class Interpreter:
    """A Python that works: what it answered when asked."""

    executable: str
    implementation: str
    version: tuple[int, ...]
    free_threaded: bool

    def __str__(self) -> str:
        names = {"cpython": "", "pypy": "PyPy "}
        name = names.get(self.implementation, f"{self.implementation} ")
        return f"{name}{'.'.join(map(str, self.version))}{'t' if self.free_threaded else ''}"


def find(text: str | None) -> Interpreter:
    """Find the interpreter that *text* names: '3.8', '3.11.7', '3.13t', 'pypy3', './a/path'.

    None means the one that runs this.  A version means CPython: the running one if it fits, else
    the newest that does. Raises CandidateError when there is none, or when it is too old to run the
    host.
    """
    if text is None:
        found = describe(sys.executable)
    elif _VERSION.fullmatch(text):
        found = _of_version(text)
    elif os.sep in text:
        found = _at_path(text)
    else:
        found = _command(text)
    if found is None:
        raise CandidateError(f"no interpreter {text} is installed; found: {_listed(installed())}")
    if found.version < OLDEST:
        raise CandidateError(f"{found.executable} is Python {found}; 3.6 or newer was expected")
    return found


def describe(executable: str) -> Interpreter | None:
    """Ask *executable* what it is; None when it does not work, like many a pyenv shim."""
    answer = ask(executable)
    return answer if isinstance(answer, Interpreter) else None


@cache
def ask(executable: str) -> Interpreter | str:
    """Ask *executable* what it is; return in a few words why not when it does not say so."""
    command = [executable, "-ISc", _QUESTION]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not say within {_PATIENCE:g} s what it is"
    except OSError as error:
        return str(error.strerror)
    if done.returncode != 0:
        return _last_line(done.stderr) or f"it ended with exit status {done.returncode}"
    try:
        path, implementation, version, free_threaded = done.stdout.splitlines()
        numbers = tuple(map(int, version.split(".")))
    except ValueError:
        return f"asked what it is it said {_last_line(done.stdout)!r}"
    # A shim answers with the interpreter behind it, which starts faster.
    return Interpreter(path or executable, implementation, numbers, free_threaded == "True")


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1].strip()[:_LONGEST_LINE]


def installed() -> list[Interpreter]:
    """Find every interpreter that works, one for each version, CPython first, oldest first."""
    found = {str(interpreter): interpreter for interpreter in _described(_executables())}
    return sorted(found.values(), key=lambda one: (one.implementation, one.version))


def _of_version(text: str) -> Interpreter | None:
    running = describe(sys.executable)
    if running is not None and _fits(running, text):
        return running
    paths = _executables()
    pair = ".".join(text.rstrip("t").split(".")[:2])
    likely = [path for path in paths if pair in path]
    others = [path for path in paths if pair not in path]
    for group in (likely, others):
        fitting = [one for one in _described(group) if _fits(one, text)]
        if fitting:
            return max(fitting, key=lambda one: one.version)
    return None


def _fits(interpreter: Interpreter, text: str) -> bool:
    match = _VERSION.fullmatch(text)
    if match is None or interpreter.implementation != "cpython":
        return False
    numbers = tuple(map(int, match["numbers"].split(".")))
    return interpreter.version[: len(numbers)] == numbers and interpreter.free_threaded == bool(match["free"])


def _at_path(text: str) -> Interpreter:
    path = os.path.abspath(text)
    if not os.path.exists(path):
        raise CandidateError(f"{text}: there is no such interpreter")
    answer = ask(path)
    if isinstance(answer, Interpreter):
        return answer
    raise CandidateError(f"{text} is not a Python interpreter that works: {answer}")


def _command(text: str) -> Interpreter | None:
    """Try each command of that name on PATH: the first may be a shim that does not work."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        executable = shutil.which(text, path=folder)
        found = describe(executable) if executable else None
        if found is not None:
            return found
    version = text.removeprefix("python")
    return _of_version(version) if _VERSION.fullmatch(version) else None


def _described(executables: Iterable[str]) -> Iterator[Interpreter]:
    with ThreadPoolExecutor(max_workers=8) as pool:
        return filter(None, list(pool.map(describe, executables)))


@cache
def _executables() -> tuple[str, ...]:
    """Find what looks like an interpreter, without running it; of links to one file the first."""
    by_file: dict[Path, str] = {}
    for kind in ALL_PROVIDERS.values():
        with suppress(OSError):  # a place that we may not look into, such as the home of another user
            for python in _found_by(kind):
                if python.executable.parent.name != _SHIMS:
                    by_file.setdefault(python.real_path, str(python.executable))
    return tuple(by_file.values())


def _found_by(kind: type[BaseProvider]) -> Iterable[PythonVersion]:
    provider = kind.create()
    return provider.find_pythons() if provider else ()


def _listed(interpreters: list[Interpreter]) -> str:
    return ", ".join(map(str, interpreters)) or "none"
