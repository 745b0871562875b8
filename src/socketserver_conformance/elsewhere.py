"""What differs when pytest runs elsewhere than in a checkout: paths and ids of checks are those of the suite.

Everything else that is named - candidates, records, files of deviations - is looked for where the command was called.
"""

import os
from pathlib import Path

import pytest

from socketserver_conformance.command import HOME

_CHECKS = HOME / "conformance"
_SAFE_PATH, _SET_BY_US = "PYTHONSAFEPATH", "socketserver_conformance"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Let pytest look for conftest.py where the checks are, and nowhere else."""
    named = early_config.known_args_namespace.file_or_dir
    named[:] = _in_the_suite(named)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Let pytest collect from where the checks are; candidates find the environment of the call."""
    config.args = _in_the_suite(config.option.file_or_dir)
    if not config.getoption("benchmark_only"):
        config.option.benchmark_storage = f"file://{os.devnull}"  # or a folder would be made, and stay empty
    if os.environ.get(_SAFE_PATH) == _SET_BY_US:
        del os.environ[_SAFE_PATH]


def _in_the_suite(named: list[str]) -> list[str]:
    return [_found(argument) for argument in named] or [str(_CHECKS)]


def _found(argument: str) -> str:
    path, separator, rest = argument.partition("::")
    for found in ((HOME / path).resolve(), Path(path).resolve()):
        if found.is_relative_to(_CHECKS) and found.exists():
            return f"{found}{separator}{rest}"
    raise pytest.UsageError(f"{argument}: the suite has no such checks; expected a path like conformance/waiting")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Keep workers, while they start, from importing what lies in the folder of the call."""
    os.environ.setdefault(_SAFE_PATH, _SET_BY_US)
