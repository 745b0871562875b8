"""Ways to lock out programs that reach inside."""

import inspect
import threading

from harness.host.breaking import breaks

HANDLE = "_handle_request_noblock"


@breaks("hierarchy.stop-flag-ends-the-loop")
def flag_is_only_for_the_module(impl):
    """The loop has its flag elsewhere, and what programs set has no effect."""
    _show_to_others(impl, "_BaseServer__shutdown_request", lambda: False)


@breaks("hierarchy.end-of-the-loop-can-be-awaited")
def event_is_only_for_the_module(impl):
    """The loop has its event elsewhere, and what programs look at never changes."""
    _show_to_others(impl, "_BaseServer__is_shut_down", threading.Event)


def _show_to_others(impl, name, make):
    """Let only the module of BaseServer see, and set, the attribute; others see what make() returns."""
    insiders = impl.BaseServer.shutdown.__globals__

    def read(self):
        return vars(self)["own " + name] if inspect.currentframe().f_back.f_globals is insiders else make()

    def write(self, value):
        if inspect.currentframe().f_back.f_globals is insiders:
            vars(self)["own " + name] = value

    setattr(impl.BaseServer, name, property(read, write))


@breaks("hierarchy.ready-request-is-handled-without-a-loop")
def requests_are_handled_by_the_module_alone(impl):
    """_handle_request_noblock() does nothing for programs."""
    handle, insiders = getattr(impl.BaseServer, HANDLE), impl.BaseServer.shutdown.__globals__

    def handle_for_insiders(self):
        return handle(self) if inspect.currentframe().f_back.f_globals is insiders else None

    setattr(impl.BaseServer, HANDLE, handle_for_insiders)
