"""Give the same checks to machines that lack something, and see whether the verdicts are the same.

``python -m harness.conditions [--only NAME] [ARGUMENTS OF PYTEST]`` runs a part of the checks as it is, and then under one
condition after the other: without IPv6, without /proc, with few descriptors, as another user and so on.  Where a verdict
is another one than in the plain run, it must be *unsupported*; nothing else may be said about a candidate because of the
machine that it is tried on.  Without arguments the part is `PART`, for stdlib and the reference implementation.

Conditions come from namespaces of the kernel, from limits and from the environment.  Those that cannot be made here, for
want of rights or of a program, are named with the reason, and do not count.
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

Verdicts = Mapping[str, str]


@dataclass(frozen=True)
class Condition:
    """What a machine may be like.

    script: what a shell does to bring it about before it becomes the run.  namespaces: those that the shell is given for
    itself, as `unshare` calls them.  user: who runs it, if not we.  exit_status: what is right, if it is not 0.
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


_LOOPBACK = "ip link set lo up"
_NO_PLACE = "for each in /tmp /var/tmp; do mount -t tmpfs -o {options} none $each; done\ncd /"
CONDITIONS = (
    Condition("no IPv6", f"{_LOOPBACK}\necho 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6", ("net",)),
    Condition("at most 16 waiting connections", f"{_LOOPBACK}\necho 16 >/proc/sys/net/core/somaxconn", ("net",)),
    Condition("at most 256 descriptors", "ulimit -Hn 256"),
    Condition("no /proc", "mount -t tmpfs none /proc", ("mount",)),
    Condition("TMPDIR is full", "mount -t tmpfs -o nr_inodes=1 none /mnt\nexport TMPDIR=/mnt", ("mount",)),
    Condition("TMPDIR is read-only", "mount -t tmpfs -o ro none /mnt\nexport TMPDIR=/mnt", ("mount",)),
    Condition("TMPDIR has little room", "mount -t tmpfs -o size=2m none /mnt\nexport TMPDIR=/mnt", ("mount",)),
    Condition("/tmp is full", _NO_PLACE.format(options="size=4k"), ("mount",), exit_status=3),
    Condition("another user than root", user=NOBODY),
    Condition("umask 077", "umask 077"),
    Condition("warnings are errors", "export PYTHONWARNINGS=error"),
    Condition("the C locale", "export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0"),
    Condition("a Turkish locale", "locale -a | grep -qix tr_TR.iso88599\nexport LC_ALL=tr_TR.ISO-8859-9"),
)
