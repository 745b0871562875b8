"""What a user has typed, and what to type to see one check again."""

from __future__ import annotations

import os
import shlex

import pytest

from harness import choosing, options
from harness.run import RUN

CALLED_AS = "--called-as"  # the one setting by which whatever starts pytest for a user says how it was called itself


def typed(config: pytest.Config) -> list[str]:
    """Return the command line as the user typed it: what stands before and with CALLED_AS was not theirs."""
    words = [str(word) for word in config.invocation_params.args]
    ours = [place for place, word in enumerate(words) if word.startswith(f"{CALLED_AS}=")]
    return [*_called_as(config), *(words[ours[0] + 1 :] if ours else words)]


def repeating(item: pytest.Item, candidate: str) -> str:
    """Return the command that makes the check *item* of *candidate* again, where this one was called."""
    config = item.config
    is_pytest = config.getoption("called_as") == options.PYTEST
    check = _seen_from_here(item) if is_pytest else item.nodeid
    words = [*_called_as(config), check, f"--impl={candidate}"]
    words += [
        f"--{name}={value}"
        for name in ("before", "contract", "deviations")
        if (value := config.getoption(name)) is not None
    ]
    if config.getoption("deadline") != options.DEADLINE:
        words.append(f"--deadline={config.getoption('deadline'):g}")
    run = config.stash[RUN]
    requirement = run.catalogue[str(choosing.about(item))]
    if not run.counts(requirement):
        words.append(f"--level={requirement.level}")
    if config.getoption("seed") != options.SEED:
        words.append(f"--seed={config.getoption('seed')}")
    words += [f"--{name}" for name in ("explore", "fresh") if config.getoption(name)]
    return shlex.join(words)


def _seen_from_here(item: pytest.Item) -> str:
    path, separator, rest = item.nodeid.partition("::")
    return os.path.relpath(item.config.rootpath / path, item.config.invocation_params.dir) + separator + rest


def _called_as(config: pytest.Config) -> list[str]:
    return shlex.split(config.getoption("called_as"))
