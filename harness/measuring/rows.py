"""What is measured side by side: candidates, the floor that no framework can beat, what one would take instead."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from harness.candidates import Candidate
from harness.nurseries import Nursery

Kind = Literal["candidate", "floor", "alternative"]
TRIAL_PATIENCE = 20.0  # seconds for the import of an alternative


@dataclass(frozen=True)
class Rival:
    """Something that serves like a server class but owes nothing to the interface.

    module: one of the host's side, whose function ``serve`` takes the place of the candidate's class.
    needs: a module that has to be installed for it.  concurrencies: those of the server classes that it stands beside.
    """

    name: str
    kind: Kind
    module: str
    needs: str | None
    concurrencies: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One of those that are compared: how it is shown, what hosts load, and which module serves there."""

    name: str
    kind: Kind
    candidate: Candidate
    module: str | None = None
    concurrencies: tuple[str, ...] = ()

    def stands_beside(self, server_class: Any) -> bool:
        """Tell whether the row can do what *server_class* (see `conformance.servers`) does."""
        return self.kind == "candidate" or server_class.concurrency in self.concurrencies


class Rows:
    """The rows of a run, with a warm process for each."""

    def __init__(self, candidates: Sequence[Candidate], rivals: Iterable[Rival], *, fresh: bool) -> None:
        self._fresh = fresh
        self._nurseries: dict[str, Nursery] = {}
        self.all: dict[str, Row] = {each.name: Row(each.name, "candidate", each) for each in candidates}
        self.lacking: dict[str, str] = {}
        for rival in rivals:
            self._add(candidates[0], rival)

    def _add(self, base: Candidate, rival: Rival) -> None:
        if rival.needs and not _can_import(base.interpreter, rival.needs):
            self.lacking[rival.name] = f"{rival.needs} is not installed for {os.path.basename(base.interpreter)}"
            return
        loaded = replace(
            base, name=rival.name, kind="own", target=rival.module, before=None, site=base.site or bool(rival.needs)
        )
        self.all[rival.name] = Row(rival.name, rival.kind, loaded, rival.module, rival.concurrencies)

    def nursery(self, row: Row, twin: bool) -> Nursery:
        """Return the warm process of *row*; that of its *twin* is another one."""
        key = f"{row.name} (again)" if twin else row.name
        if key not in self._nurseries:
            self._nurseries[key] = Nursery(row.candidate, fresh=self._fresh)
        return self._nurseries[key]

    def renew(self) -> None:
        """End all warm processes, so that the next samples come from new ones."""
        for nursery in self._nurseries.values():
            nursery.close()
        self._nurseries.clear()


def _can_import(interpreter: str, module: str) -> bool:
    command = [interpreter, "-I", "-c", f"import {module}"]
    try:
        return subprocess.run(command, capture_output=True, timeout=TRIAL_PATIENCE, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False
