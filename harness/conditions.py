"""Give the same checks to machines that lack something, and see whether the verdicts are the same.

``python -m harness.conditions [--only TEXT] [ARGUMENTS OF PYTEST]`` runs a part of the checks as it is, and then under
one condition after the other: without IPv6, without /proc, with few descriptors, as another user and so on.  Where a
verdict is not that of the plain run it must be *unsupported*; nothing else may be said of a candidate because of the
machine.  Without arguments the part is `PART`, for stdlib and the reference implementation.

Conditions come from namespaces of the kernel, limits and the environment.  Those that cannot be made here, for want of
rights or of a program, are named with the reason, and do not count.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.verdicts import Verdict

ROOT = Path(__file__).resolve().parent.parent
PART = (
    "conformance/faults",
    "conformance/isolation",
    "conformance/lifecycle/test_sockets.py",
    "conformance/request_handlers/test_rude_clients.py",
    "conformance/sockets",
    "conformance/waiting",
    "--impl=stdlib",
    "--impl=reference_impl",
    "--numprocesses=2",
)
NOBODY = 65534
_SMALLEST_RUN = """
import locale, sys, harness.plugin
locale.setlocale(locale.LC_ALL, "")
sys.exit(None if sys.version == sys.argv[1] else "the interpreter finds the library of another one")
"""

Verdicts = Mapping[tuple[str, str], str]
"""The verdict on each check, by candidate and test."""


@dataclass(frozen=True)
class Condition:
    """What a machine may be like.

    script: what a shell does to bring it about before it becomes the run; $FOLDER is its to use.
    namespaces: those that the shell gets for itself, as `unshare` names them.  user: who runs it, if not we.
    exit_status: how the run must end.
    """

    name: str
    script: str = ""
    namespaces: tuple[str, ...] = ()
    user: int | None = None
    exit_status: int = 0

    def command(self, run: Sequence[str]) -> list[str]:
        """Return *run* as a command that runs under this condition."""
        return [*self._unshare(), "sh", "-ec", f'{self.script}\nexec "$@"', "sh", *self._as_user(), *run]

    def _unshare(self) -> list[str]:
        if not self.namespaces:
            return []
        as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
        return ["unshare", *as_root, *(f"--{each}" for each in self.namespaces)]

    def _as_user(self) -> list[str]:
        if self.user is None:
            return []
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"]


def _on_loopback(name: str, setting: str) -> Condition:
    return Condition(name, f"ip link set lo up\n{setting}", namespaces=("net",))


def _with_temporary_files_on(name: str, options: str) -> Condition:
    return Condition(
        name, f'mount -t tmpfs -o {options} none "$FOLDER"\nexport TMPDIR="$FOLDER"', namespaces=("mount",)
    )


CONDITIONS = (
    _on_loopback("no IPv6", "echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6"),
    _on_loopback("at most 16 waiting connections", "echo 16 >/proc/sys/net/core/somaxconn"),
    Condition("at most 256 descriptors", "ulimit -n 256"),
    Condition("no /proc", "mount -t tmpfs none /proc", namespaces=("mount",)),
    _with_temporary_files_on("a full temporary folder", "nr_inodes=1"),
    _with_temporary_files_on("a read-only temporary folder", "ro"),
    _with_temporary_files_on("a temporary folder with little room", "size=2m"),
    Condition(
        "no temporary folder",
        'for each in /tmp /var/tmp "$PWD"; do mount --bind "$each" "$each"; mount -o remount,ro,bind "$each"; done\n'
        'cd "$PWD"',
        namespaces=("mount",),
        exit_status=3,
    ),
    Condition("another user", 'export HOME="$FOLDER"', user=NOBODY),
    Condition("umask 077", "umask 077"),
    Condition("warnings are errors", "export PYTHONWARNINGS=error"),
    Condition("the C locale", "export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"),
    Condition(
        "a Turkish locale",
        'localedef -i tr_TR -f ISO-8859-9 "$FOLDER/tr_TR.ISO-8859-9"\n'
        'export LOCPATH="$FOLDER" LC_ALL=tr_TR.ISO-8859-9 PYTHONUTF8=0',
    ),
)


@dataclass(frozen=True)
class Ran:
    """What came of a run: its exit status, the seconds it took, the verdicts, and its last line."""

    exit_status: int
    seconds: float
    verdicts: Verdicts
    last_line: str


def run(condition: Condition, arguments: Sequence[str], folder: Path) -> Ran | str:
    """Run pytest with *arguments* under *condition*; return why not, when the condition cannot be made here."""
    reason = _obstacle(condition, folder)
    if reason is not None:
        return reason
    record = folder / "record.json"
    record.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", *arguments, "-q", f"--run-record={record}"]
    begin = time.monotonic()
    done = _start(condition, command, folder)
    return Ran(done.returncode, time.monotonic() - begin, read(record), _last_line(done.stdout or done.stderr))


def _obstacle(condition: Condition, folder: Path) -> str | None:
    try:
        tried = _start(condition, [sys.executable, "-c", _SMALLEST_RUN, sys.version], folder)
    except FileNotFoundError as error:
        return f"there is no {error.filename}"
    return None if tried.returncode == 0 else _last_line(tried.stderr)


def _start(condition: Condition, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        Path(place).chmod(0o755)  # also for who runs as another user
        environment = {**os.environ, "FOLDER": place}
        return subprocess.run(
            condition.command(command),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]


def read(record: Path) -> Verdicts:
    """Return the verdicts that a run record holds; none if the run has ended without a record."""
    if not record.exists():
        return {}
    return {
        (column["name"], check["test"]): check["verdict"]
        for column in json.loads(record.read_text(encoding="utf-8"))["candidates"]
        for row in column["requirements"]
        for check in row["checks"]
    }


@dataclass(frozen=True)
class Comparison:
    """How the verdicts under a condition differ from the plain ones: how many do not, and which do."""

    same: int
    unsupported: int
    others: tuple[str, ...]


def compare(plain: Verdicts, seen: Verdicts) -> Comparison:
    """Compare the verdicts *seen* under a condition with the *plain* ones."""
    changed = {check: seen.get(check, "no verdict") for check in plain if seen.get(check) != plain[check]}
    others = {check: verdict for check, verdict in changed.items() if verdict != Verdict.UNSUPPORTED}
    return Comparison(
        same=len(plain) - len(changed),
        unsupported=len(changed) - len(others),
        others=tuple(f"{test}: {plain[name, test]}, here {verdict}" for (name, test), verdict in others.items()),
    )


def report(conditions: Sequence[Condition], plain: Ran, arguments: Sequence[str], folder: Path) -> Iterator[str | None]:
    """Yield the page, line by line as the runs end; None before what is wrong."""
    yield "| condition | exit status | seconds | verdicts as without it | unsupported instead | other verdicts |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    yield f"| none | {plain.exit_status} | {plain.seconds:.0f} | {len(plain.verdicts)} | | |"
    wrong: list[str] = []
    for condition in conditions:
        ran = run(condition, arguments, folder)
        if isinstance(ran, str):
            yield f"| {condition.name} | | | | | cannot be made here: {ran} |"
            continue
        compared = compare(plain.verdicts if ran.verdicts else {}, ran.verdicts)
        yield (
            f"| {condition.name} | {ran.exit_status} | {ran.seconds:.0f} | {compared.same} | {compared.unsupported} |"
            f" {len(compared.others)} |"
        )
        wrong += [f"{condition.name}: {each}" for each in compared.others]
        if ran.exit_status != condition.exit_status:
            wrong.append(f"{condition.name}: exit status {ran.exit_status}: {ran.last_line}")
    if wrong:
        yield None
        yield from wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; return 1 if a verdict depends on the machine."""
    parser = argparse.ArgumentParser(prog="python -m harness.conditions", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="conditions whose name contains TEXT")
    options, others = parser.parse_known_args(arguments)
    chosen = [each for each in CONDITIONS if options.only in each.name]
    with tempfile.TemporaryDirectory(prefix="conditions-") as name:
        folder = Path(name)
        folder.chmod(0o777)  # the record is written by whoever runs
        plain = run(Condition("none"), others or PART, folder)
        if isinstance(plain, str) or plain.exit_status != 0:
            sys.stderr.write(f"the plain run failed: {plain if isinstance(plain, str) else plain.last_line}\n")
            return 1
        is_right = True
        for line in report(chosen, plain, others or PART, folder):
            is_right = is_right and line is not None
            sys.stdout.write(f"{line or ''}\n")
            sys.stdout.flush()
    return 0 if is_right else 1


if __name__ == "__main__":
    raise SystemExit(main())
