"""Which names there are, and what an import does."""

import contextlib
import gc
import importlib
import io
import os
import threading
import warnings


def kind_of(stage, name):
    """Return what the module has under this *name*: "class", the type of something else, or "nothing"."""
    if not hasattr(stage.candidate, name):
        return "nothing"
    found = getattr(stage.candidate, name)
    return "class" if isinstance(found, type) else type(found).__name__


def not_brought(stage, names):
    """Return those of the classes *names* that the module has and a star import does not bring."""
    brought = _starred(stage.candidate)
    return [name for name, _ in stage.classes(names) if name not in brought]


def brought_besides(stage, names):
    """Return what __all__ names that is no class of the module's: other things, and classes of somebody else.

    names: classes that a module is made of; where those come from, others may come from as well.
    """
    exported = {name: getattr(stage.candidate, name, None) for name in getattr(stage.candidate, "__all__", ())}
    packages = _packages(stage, names)
    return {
        "no class": [name for name in sorted(exported) if not isinstance(exported[name], type)],
        "foreign": [name for name in sorted(exported) if _package_of(exported[name]) not in packages],
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


def _packages(stage, names):
    """Return the packages that the module is made of: its own, and those that the classes *names* are from."""
    classes = [base for _, each in stage.classes(names) for base in each.__mro__]
    packages = {stage.candidate.__name__.partition(".")[0], *map(_package_of, classes)}
    return packages - {"builtins"}


def _package_of(value):
    return getattr(value, "__module__", "").partition(".")[0]


def names_with_and_without(stage, module, attribute, names):
    """Return those of *names* that the module has, and those that it has on a system without an attribute."""
    present = [name for name, _ in stage.classes(names)]
    delattr(importlib.import_module(module), attribute)
    again = stage.load_again()
    return present, [name for name in names if hasattr(again, name)]


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
