"""Which names there are, and what an import does."""

import contextlib
import gc
import importlib
import io
import os
import threading
import warnings


def classes_among(stage, names):
    """Return those of *names* that are classes of the module."""
    return [name for name in names if isinstance(getattr(stage.candidate, name, None), type)]


def star_import(stage, names):
    """Return what a star import fails to bring of *names*, and what it brings that is no class of the module's."""
    brought = _starred(stage.candidate)
    packages = _packages(stage.candidate)
    return {
        "missing": [name for name in names if name not in brought],
        "no class": [name for name in sorted(brought) if not isinstance(brought[name], type)],
        "foreign": [name for name in sorted(brought) if _package_of(brought[name]) not in packages],
    }


def unexported_classes(stage):
    """Return the names of the module's own classes that are public, and that a star import does not bring."""
    brought = _starred(stage.candidate)
    return [
        name
        for name, value in sorted(vars(stage.candidate).items())
        if isinstance(value, type)
        and value.__module__ == stage.candidate.__name__
        and not name.startswith("_")
        and name not in brought
    ]


def _starred(module):
    brought = {}
    exec("from %s import *" % module.__name__, brought)  # noqa: S102 - a star needs a namespace
    del brought["__builtins__"]
    return brought


def _packages(module):
    """Return the packages that the module is made of: its own, and those that its server and its handlers are from."""
    classes = [*module.TCPServer.__mro__, *module.StreamRequestHandler.__mro__]
    packages = {module.__name__.partition(".")[0], *map(_package_of, classes)}
    return packages - {"builtins"}


def _package_of(value):
    return getattr(value, "__module__", "").partition(".")[0]


def names_without(stage, absent, names):
    """Return those of *names* that the module has, and exports, on a system without the *absent*: module, attribute."""
    for module, attribute in absent:
        delattr(importlib.import_module(module), attribute)
    again = stage.load_again()
    exported = getattr(again, "__all__", names)
    return [name for name in names if hasattr(again, name) or name in exported]


def version_of(stage):
    """Return the name of the type of the module's version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return type(stage.candidate.__version__).__name__


def ask_for_version(stage):
    """Ask the module for its version; return the categories of the warnings, and whether they are about this file."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        stage.candidate.__version__  # noqa: B018 - asking is what warns
    return [(each.category.__name__, os.path.samefile(each.filename, __file__)) for each in caught]


def ask_for_nonsense(stage, name):
    """Ask the module for a *name* that it does not have; return whether the error says the name, None without one."""
    try:
        getattr(stage.candidate, name)
    except AttributeError as error:
        return name in str(error)
    return None


def modules_within(stage, names):
    """Return those of *names* under which the module has the module of that name."""
    return [name for name in names if getattr(stage.candidate, name, None) is importlib.import_module(name)]


def effects_of_import(stage):
    """Import the module once more and return what more there is than before."""
    before = _resources()
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        stage.load_again()
    threads, descriptors = (now - then for now, then in zip(_resources(), before))
    return {"threads": threads, "descriptors": descriptors, "printed": printed.getvalue()}


def _resources():
    gc.collect()
    return threading.active_count(), len(os.listdir("/proc/self/fd"))
