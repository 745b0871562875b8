"""How the defects of this area change a candidate: methods, hooks, attributes."""

import contextlib


def instead_of(owner, name):
    """Put the decorated function in the place of method *name*; it is given the method as its first argument."""

    def install(function):
        method = getattr(owner, name)

        def replacement(self, *arguments, **options):
            return function(method, self, *arguments, **options)

        setattr(owner, name, replacement)

    return install


def intercept(impl, name):
    """Give out decorated(server, method) instead of each server's method *name*, also of overriding ones."""

    def install(function):
        find = impl.BaseServer.__getattribute__

        def __getattribute__(self, attribute):  # noqa: N807
            found = find(self, attribute)
            return function(self, found) if attribute == name else found

        impl.BaseServer.__getattribute__ = __getattribute__

    return install


@contextlib.contextmanager
def setting(server, name, value):
    """Give an attribute of *server* another value for a while."""
    saved = getattr(server, name)
    setattr(server, name, value)
    try:
        yield
    finally:
        setattr(server, name, saved)
