"""Run the suite in any folder, whatever is in it and whatever else is installed.

In a checkout pytest finds the suite's settings by itself.  Here it is told: where they are, that nothing but the
suite's own folder is the root, and whose words name the checks (see `socketserver_conformance.elsewhere`).

This folder has no ``__init__.py``: pytest would take it for the outermost package of the checks, and import them by
longer names than those by which hosts find their behaviours.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent

#: The folder that holds the four packages and the settings of pytest: this one, or, in a checkout, the checkout.
HOME = _HERE if (_HERE / "harness").is_dir() else _HERE.parents[1]

_MEANT_FOR_OTHERS = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def main(arguments: Sequence[str], *, called_as: str) -> int:
    """Run pytest with the suite's own settings and *arguments*; return its exit status.

    called_as: the command that a user types before the arguments; it stands in whatever the run tells them to type.
    This changes what the process imports and its environment, so it must be the process's only purpose.
    """
    for name in _MEANT_FOR_OTHERS:
        os.environ.pop(name, None)
    settings = [
        f"--config-file={HOME / 'pytest.toml'}",
        f"--rootdir={HOME}",
        "-p",
        "socketserver_conformance.elsewhere",
        "-p",
        "no:cacheprovider",  # it would write into the folder where we are installed
        f"--called-as={called_as}",
    ]
    with tempfile.TemporaryDirectory(prefix="hypothesis-") as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder  # it would be the folder that we are called in
        return int(pytest.main([*settings, *arguments]))
