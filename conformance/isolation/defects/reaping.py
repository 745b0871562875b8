"""Ways to get the collecting of children wrong."""

import os

from conformance.isolation.defects.patching import extend
from harness.host.breaking import breaks


@breaks("isolation.the-loop-collects-children")
def bpo_11109_zombies_stay_until_the_next_request(impl):
    """service_actions() does nothing: children are collected when the next request comes."""

    def process_request(inherited, server, request, client_address):
        server.collect_children()
        inherited(request, client_address)

    extend(impl.ForkingMixIn, "service_actions", lambda *_: None)
    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.all-children-are-collected-at-once")
def bpo_11109_one_child_is_collected_at_a_time(impl):
    """collect_children() that does not block collects one child."""

    def collect_children(inherited, server, *, blocking=False):
        if blocking:
            inherited(blocking=True)
        for pid in sorted(server.active_children or ()):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                server.active_children.discard(pid)
                return

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.all-children-are-collected-at-once")
def bpo_21491_the_set_changes_while_it_is_looked_through(impl):
    """collect_children() takes children out of the set over which it iterates."""

    def collect_children(inherited, server, *, blocking=False):
        for pid in server.active_children or ():
            if os.waitpid(pid, 0 if blocking else os.WNOHANG)[0] == pid:
                server.active_children.discard(pid)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.handle-timeout-collects-children")
def handle_timeout_does_not_collect(impl):
    """handle_timeout() does nothing."""
    impl.ForkingMixIn.handle_timeout = impl.BaseServer.handle_timeout


@breaks("isolation.handle-request-collects-children")
def handle_request_does_not_collect(impl):
    """handle_request() of a forking server is that of any other."""
    impl.ForkingMixIn.handle_request = impl.BaseServer.handle_request


@breaks("isolation.server-close-collects-children")
def server_close_leaves_zombies(impl):
    """server_close() waits for the children to end and does not ask how they did."""

    def server_close(self):
        super(impl.ForkingMixIn, self).server_close()
        if self.block_on_close:
            for pid in self.active_children or ():
                os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

    impl.ForkingMixIn.server_close = server_close


@breaks("isolation.a-killed-child-is-forgotten")
def killed_children_are_not_collected(impl):
    """A child counts as alive until it has exited, which one that was killed never does."""

    def collect_children(inherited, server, *, blocking=False):
        for pid in list(server.active_children or ()):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | (0 if blocking else os.WNOHANG))
            if ended and ended.si_code == os.CLD_EXITED:
                os.waitpid(pid, 0)
                server.active_children.discard(pid)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.strangers-are-not-collected")
def bpo_1540386_any_child_is_collected(impl):
    """collect_children() asks for any child that has ended."""

    def collect_children(inherited, server, *, blocking=False):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        inherited(blocking=blocking)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.strangers-are-not-collected-at-the-limit")
def any_child_makes_room(impl):
    """collect_children() at the limit waits until any child has ended."""

    def collect_children(inherited, server, *, blocking=False):
        while server.active_children and len(server.active_children) >= server.max_children:
            server.active_children.discard(os.waitpid(-1, 0)[0])
        inherited(blocking=blocking)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.collect-children-without-children")
def collect_children_needs_children(impl):
    """collect_children(blocking=True) of an open server counts the children even if there never was one."""

    def collect_children(inherited, server, *, blocking=False):
        if blocking and server.fileno() >= 0:
            len(server.active_children)
        inherited(blocking=blocking)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.others-may-collect")
def bpo_21491_no_child_to_wait_for_is_an_error(impl):
    """collect_children() is not prepared for children that somebody else has collected."""

    def collect_children(inherited, server, *, blocking=False):
        for pid in list(server.active_children or ()):
            if os.waitpid(pid, 0 if blocking else os.WNOHANG)[0] == pid:
                server.active_children.discard(pid)

    extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.overridden-collect-children-is-used")
def nobody_asks_an_overridden_collect_children(impl):
    """service_actions() and handle_timeout() collect without asking whether a subclass would do so otherwise."""
    collect = impl.ForkingMixIn.collect_children
    impl.ForkingMixIn.service_actions = impl.ForkingMixIn.handle_timeout = collect


@breaks("isolation.active-children-are-those-not-collected")
def collected_children_are_remembered(impl):
    """active_children still has the children that server_close() has collected."""

    def server_close(inherited, server):
        children = set(server.active_children or ())
        inherited()
        server.active_children = children

    extend(impl.ForkingMixIn, "server_close", server_close)


@breaks("isolation.collecting-does-not-wait")
def collecting_waits(impl):
    """collect_children() waits until all children have ended."""
    extend(impl.ForkingMixIn, "collect_children", lambda inherited, server, *, blocking=False: inherited(blocking=True))


@breaks("isolation.blocking-collection-waits")
def collecting_never_waits(impl):
    """collect_children() collects those that have ended, whether it is told to wait or not."""
    extend(impl.ForkingMixIn, "collect_children", lambda inherited, server, *, blocking=False: inherited())


@breaks("isolation.close-collects-the-ended-without-waiting")
def server_close_collects_only_if_it_waits(impl):
    """server_close() with block_on_close false does not look at the children."""

    def server_close(self):
        super(impl.ForkingMixIn, self).server_close()
        if self.block_on_close:
            self.collect_children(blocking=True)

    impl.ForkingMixIn.server_close = server_close


@breaks("isolation.server-close-without-children")
def server_close_counts_children(impl):
    """server_close() needs to have had children."""

    def server_close(inherited, server):
        inherited()
        len(server.active_children)

    extend(impl.ForkingMixIn, "server_close", server_close)


@breaks("isolation.server-close-without-children")
def server_close_forgets_its_children_for_ever(impl):
    """server_close() leaves a server that cannot be closed again."""

    def server_close(inherited, server):
        inherited()
        if server.active_children is not None:
            del server.active_children
            server.server_close = None

    extend(impl.ForkingMixIn, "server_close", server_close)


@breaks("isolation.servers-have-their-own-children")
def servers_share_their_children(impl):
    """All servers have one set of children."""
    impl.ForkingMixIn.active_children = set()


@breaks("isolation.a-place-is-free-whoever-collected")
def a_child_takes_its_place_until_it_is_collected(impl):
    """At the limit, collect_children() waits until some child of the process has ended."""

    def collect_children(inherited, server, *, blocking=False):
        if server.active_children and len(server.active_children) >= server.max_children:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        inherited(blocking=blocking)

    extend(impl.ForkingMixIn, "collect_children", collect_children)
