"""Ways to get the names of the module wrong."""

import os
import sys
import threading
import types
import warnings

from harness.host.breaking import breaks


@breaks("hierarchy.star-import-brings-the-classes")
def all_forgets_the_base_server(impl):
    """BaseServer is not in __all__."""
    impl.__all__ = [name for name in impl.__all__ if name != "BaseServer"]


@breaks("hierarchy.star-import-brings-nothing-else")
def all_names_a_module(impl):
    """A star import brings the module socket along."""
    impl.__all__ = [*impl.__all__, "socket"]


@breaks("hierarchy.star-import-brings-nothing-else")
def all_names_a_class_of_another_module(impl):
    """A star import brings Thread along."""
    impl.Thread = threading.Thread
    impl.__all__ = [*impl.__all__, "Thread"]


@breaks("hierarchy.public-classes-are-exported")
def one_more_class_is_not_in_all(impl):
    """There is a LocalServer, which a star import does not bring."""
    impl.LocalServer = type("LocalServer", (impl.TCPServer,), {"__module__": impl.__name__})


@breaks("hierarchy.no-forking-without-fork")
def bpo_25931_forking_classes_exist_everywhere(impl):
    """ForkingTCPServer exists where it cannot work."""
    if not hasattr(os, "fork"):
        impl.ForkingTCPServer = impl.ThreadingTCPServer


@breaks("hierarchy.no-unix-servers-without-unix-sockets")
def unix_servers_exist_everywhere(impl):
    """UnixStreamServer exists where it cannot work."""
    if not hasattr(impl, "UnixStreamServer"):
        impl.UnixStreamServer = impl.TCPServer


@breaks("hierarchy.version-is-text")
def there_is_no_version(impl):
    """__version__ is missing."""
    vars(impl).pop("__version__", None)


@breaks("hierarchy.reading-the-version-warns")
def version_is_an_attribute_as_ever(impl):
    """__version__ is simply there."""
    impl.__version__ = "0.4"


@breaks("hierarchy.reading-the-version-warns")
def warning_names_the_module_itself(impl):
    """The warning is about a line of the module, which the reader cannot change."""

    def __getattr__(name):  # noqa: N807
        if name != "__version__":
            raise AttributeError("module %r has no attribute %r" % (impl.__name__, name))
        warnings.warn("__version__ is deprecated", DeprecationWarning, stacklevel=1)
        return "0.4"

    vars(impl).pop("__version__", None)
    impl.__getattr__ = __getattr__


@breaks("hierarchy.unknown-name-is-an-attribute-error")
def any_name_gives_something(impl):
    """The module answers None for a class that it does not have."""

    def __getattr__(name):  # noqa: N807
        if name.startswith("__"):
            raise AttributeError("module %r has no attribute %r" % (impl.__name__, name))

    impl.__getattr__ = __getattr__


@breaks("hierarchy.modules-are-within-reach")
def sys_is_a_copy(impl):
    """What is replaced in the module's sys is replaced nowhere else."""
    impl.sys = types.SimpleNamespace(**vars(sys))


@breaks("hierarchy.import-does-nothing-else")
def import_opens_a_pipe(impl):
    """Whoever imports the module has two descriptors more."""
    os.pipe()


@breaks("hierarchy.import-does-nothing-else")
def import_starts_a_thread(impl):
    """Whoever imports the module has a thread more."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()


@breaks("hierarchy.import-does-nothing-else")
def import_prints(impl):
    """Whoever imports the module is greeted."""
    print("ready to serve")  # noqa: T201
