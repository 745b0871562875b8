"""What a behaviour is given to work with.

Behaviours are plain functions that import nothing but the standard library; everything else they need - the module
under test, a way to say what happened, a place to wait, a folder - they reach through the stage.
"""

import importlib
import os
import threading
from typing import Any, Callable, List, Sequence, Tuple

from harness.host.gates import Gates
from harness.host.recorder import Recorder


class Stage:
    """The candidate and the means to use it and to report.

    candidate: the module under test.
    folder: a folder of this test alone, removed with what is in it when the test ends.
    servers: what serving.build() has made, in order.
    load_again: import the candidate once more, as if for the first time, and return the new module.
    """

    def __init__(
        self, candidate: "Any", recorder: Recorder, gates: Gates, folder: str, load_again: "Callable[[], Any]"
    ) -> None:
        self.candidate = candidate
        self.record = recorder.record
        self.wait = gates.wait
        self.folder = folder
        self.load_again = load_again
        self.servers: List[Any] = []
        self.pid = os.getpid()
        self._paths = 0

    def classes(self, names: "Sequence[str]") -> "List[Tuple[str, Any]]":
        """Return those of the classes *names* that the candidate has, each with its name, in this order.

        AttributeError if it has none: then there is nothing to judge, and the check is missing its subject.
        """
        found = [(name, getattr(self.candidate, name)) for name in names if hasattr(self.candidate, name)]
        if names and not found:
            raise AttributeError("module %r has no attribute %r" % (self.candidate.__name__, names[0]))
        return found

    def new_path(self, stem: str = "socket") -> str:
        """Return a path in the folder that was not given out before; short enough for a Unix socket."""
        self._paths += 1
        return os.path.join(self.folder, "%s-%d" % (stem, self._paths))

    def start(self, function: "Callable[..., object]", *arguments: object) -> threading.Thread:
        """Run function(*arguments) in a daemon thread and return the thread."""
        thread = threading.Thread(target=function, args=arguments, daemon=True)
        thread.start()
        return thread


def resolve(reference: str) -> "Any":
    """Return the function that *reference* ("module:qualified.name") stands for."""
    module, _, path = reference.partition(":")
    found = importlib.import_module(module)
    for name in path.split("."):
        found = getattr(found, name)
    return found
