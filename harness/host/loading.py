"""Load a candidate, and say what was found.

Runs in the candidate's process, on any Python from 3.6 on.  It imports as little as possible of the
standard library: some candidates must patch ``threading`` and ``socket`` before anybody imports
them.

The settings of a candidate are a dict that JSON can carry::

    {"kind": "module" | "file" | "package" | "own",
     "target": a dotted name, or an absolute path for "file" and "package",
     "paths": [folders to import from, besides the standard library],
     "before": "module:callable" to call before the import, or null}

"own" is a package of this project, imported from the project's root.
"""

import importlib
import importlib.util
import json
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, TracebackType
from typing import Any, Dict, Iterable, Iterator, List, NoReturn, Optional, Tuple

#: The folder that holds the package ``harness``; it may be a site-packages folder.
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

#: How a probe ends whose report descriptor was closed by the candidate.
EXIT_REPORT_CLOSED = 97

#: The classes that the documentation names.
CLASSES = (
    "BaseServer",
    "TCPServer",
    "UDPServer",
    "UnixStreamServer",
    "UnixDatagramServer",
    "ForkingMixIn",
    "ThreadingMixIn",
    "ForkingTCPServer",
    "ForkingUDPServer",
    "ForkingUnixStreamServer",
    "ForkingUnixDatagramServer",
    "ThreadingTCPServer",
    "ThreadingUDPServer",
    "ThreadingUnixStreamServer",
    "ThreadingUnixDatagramServer",
    "BaseRequestHandler",
    "StreamRequestHandler",
    "DatagramRequestHandler",
)

#: A module that has none of these is no candidate.
SERVER_CLASSES = ("BaseServer", "TCPServer")

_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}
_LONGEST_MESSAGE = 300


class OwnPackages:
    """A meta-path finder that imports the packages *names* from *root*, and nothing else.

    Putting *root* on ``sys.path`` would do the same, and make all of site-packages importable where
    it is installed.
    """

    def __init__(self, root: str, names: Iterable[str]) -> None:
        self.root = root
        self.names = frozenset(names)

    def find_spec(self, fullname: str, path: Any = None, target: Optional[ModuleType] = None) -> Optional[ModuleSpec]:
        """Find one of the packages; their submodules are found through ``__path__`` as usual."""
        if fullname not in self.names:
            return None
        return PathFinder.find_spec(fullname, [self.root], target)

    def install(self) -> None:
        """Let these packages win over others of the same name."""
        sys.meta_path.insert(0, self)


def load(settings: Dict[str, Any]) -> ModuleType:
    """Import the candidate that *settings* describe and return its module.

    Whatever the candidate raises while it is imported is passed on, also ``SystemExit``.
    """
    kind, target = settings["kind"], settings["target"]
    if kind == "own":
        OwnPackages(ROOT, [target]).install()
    location = _location(kind, target)
    name = "" if location is None else _module_name(target, location)
    _add_paths(settings["paths"])
    if settings["before"]:
        module_name, _, attribute = settings["before"].partition(":")
        getattr(importlib.import_module(module_name), attribute)()
    if location is None:
        return importlib.import_module(target)
    return _import_from(location, name)


def load_again(settings: Dict[str, Any], module: ModuleType) -> ModuleType:
    """Import the candidate once more, as if this process had never seen its first copy, *module*.

    Forgotten are the packages that the module and its server classes come from.
    """
    classes = [base for name in SERVER_CLASSES for base in getattr(module, name, object).__mro__]
    names = {module.__name__, *(each.__module__ for each in classes)} - {"builtins"}
    packages = tuple(name.partition(".")[0] for name in names)
    for name in list(sys.modules):
        if name.partition(".")[0] in packages:
            del sys.modules[name]
    return load(dict(settings, before=None))


def counts() -> Dict[str, int]:
    """Count what an import may leave behind, as JSON-able numbers: ``{"threads": 1}``."""
    try:
        return {"threads": len(os.listdir("/proc/self/task"))}
    except OSError:
        import threading  # not before the candidate: it may have to patch it first

        return {"threads": threading.active_count()}


def facts(module: ModuleType, before_counts: Dict[str, int]) -> Dict[str, Any]:
    """Describe the interpreter and the loaded *module*; *before_counts*: `counts` before that."""
    is_gil_enabled = getattr(sys, "_is_gil_enabled", None)
    return {
        "version": "{}.{}.{}".format(*sys.version_info[:3]),
        "pair": "{}.{}".format(*sys.version_info[:2]),
        "full_version": _full_version(sys.version_info),
        "implementation": _IMPLEMENTATIONS.get(sys.implementation.name, sys.implementation.name),
        "implementation_version": _full_version(sys.implementation.version),
        "platform": sys.platform,
        "gil": is_gil_enabled is None or is_gil_enabled(),
        "threads": counts()["threads"],
        "threads_before": before_counts["threads"],
        "file": getattr(module, "__file__", None),
        "classes": [name for name in CLASSES if hasattr(module, name)],
    }


def _full_version(info: Any) -> str:
    """Return *info*, like `sys.version_info`, as "3.15.0rc1"."""
    stages = {"alpha": "a", "beta": "b", "candidate": "rc"}
    stage = "{}{}".format(stages[info[3]], info[4]) if info[3] in stages else ""
    return "{}.{}.{}{}".format(info[0], info[1], info[2], stage)


def failure(error: BaseException, settings: Dict[str, Any]) -> Dict[str, Any]:
    """Describe an exception of the import: its type, one line, and where it came from."""
    message = error.msg if isinstance(error, SyntaxError) else _text_of(error)
    lines = str(message).strip().splitlines() or [""]
    return {
        "type": type(error).__name__,
        "message": lines[0][:_LONGEST_MESSAGE],
        "where": _where(error, settings),
        "import_error": isinstance(error, ImportError),
    }


def probe_main() -> NoReturn:
    """Load the candidate of ``sys.argv[1]``, write facts or failure to descriptor ``sys.argv[2]``.

    Never returns.  A child that the candidate forked during the import, and that comes back here,
    ends silently.
    """
    settings, descriptor = json.loads(sys.argv[1]), int(sys.argv[2])
    process, report_file = os.getpid(), _identity(descriptor)
    report = _examine(settings)
    if os.getpid() != process:
        os._exit(0)
    if _identity(descriptor) != report_file:
        os._exit(EXIT_REPORT_CLOSED)
    _write_all(descriptor, json.dumps(report).encode("ascii") + b"\n")
    os._exit(0)


def _examine(settings: Dict[str, Any]) -> Dict[str, Any]:
    try:
        before_counts = counts()
        module = load(settings)
        if not any(hasattr(module, name) for name in SERVER_CLASSES):
            return {"no_server": True}
        return facts(module, before_counts)
    except BaseException as error:  # whatever it is, it is the answer
        return {"error": failure(error, settings)}


def _location(kind: str, target: str) -> Optional[str]:
    """Return the file to load for a candidate that is given by its path, else None."""
    if kind == "file":
        return target
    if kind == "package":
        return os.path.join(target, "__init__.py")
    return None


def _module_name(target: str, location: str) -> str:
    """Name the module after its file, but never like a module that others may mean."""
    stem = os.path.splitext(os.path.basename(target))[0]
    name = "".join(letter if letter.isalnum() else "_" for letter in stem)
    if name in sys.modules:
        return "candidate_" + name
    spec = importlib.util.find_spec(name)
    return name if spec is None or spec.origin == location else "candidate_" + name


def _add_paths(paths: List[str]) -> None:
    """Import from *paths* after the standard library, which stays whole, before site-packages."""
    site = [
        index for index, entry in enumerate(sys.path) if os.path.basename(entry) in ("site-packages", "dist-packages")
    ]
    index = site[0] if site else len(sys.path)
    sys.path[index:index] = paths


def _import_from(location: str, name: str) -> ModuleType:
    is_package = os.path.basename(location) == "__init__.py"
    search = [os.path.dirname(location)] if is_package else None
    spec = importlib.util.spec_from_file_location(name, location, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise ImportError("not a Python module: its name should end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return sys.modules.get(name, module)


def _text_of(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # the candidate's own exception may be broken, too
        return ""


def _where(error: BaseException, settings: Dict[str, Any]) -> Optional[str]:
    """Find the line to blame: innermost in the candidate, else outside the library, else any."""
    if isinstance(error, SyntaxError) and error.filename:
        return _place(error.filename, error.lineno)
    frames = [frame for frame in _frames(error.__traceback__) if not _is_machinery(frame[0])]
    library = os.path.dirname(os.__file__) + os.sep
    target = settings["target"]
    own = [each for each in frames if each[0] == target or each[0].startswith(target + os.sep)]
    foreign = [each for each in frames if not each[0].startswith(library) or "site-packages" in each[0]]
    for meant in (own, foreign, frames):
        if meant:
            return _place(*meant[-1])
    return None


def _frames(traceback: Optional[TracebackType]) -> Iterator[Tuple[str, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next


def _is_machinery(file: str) -> bool:
    return file.startswith("<") or file in (__file__, importlib.__file__)


def _place(file: str, line: Optional[int]) -> str:
    parts = file.split(os.sep)
    named = parts[-2:] if parts[-1] == "__init__.py" else parts[-1:]
    return "{}, line {}".format("/".join(named), line)


def _identity(descriptor: int) -> Optional[Tuple[int, int]]:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
