"""Ways to get the number of children wrong."""

import contextlib
import os

from conformance.isolation.defects.patching import end, extend, fork_by_hand, handle
from harness.host.breaking import breaks


def _forget_the_limit(impl, process_request):
    """Lift the limit with the first request, and keep it as server.limit for *process_request*."""

    def lift_the_limit(inherited, server, request, client_address):
        vars(server).setdefault("limit", server.max_children)
        server.max_children = 1000
        process_request(inherited, server, request, client_address)

    extend(impl.ForkingMixIn, "process_request", lift_the_limit)


@breaks("isolation.never-more-than-max-children")
def limit_is_forgotten(impl):
    """max_children is without effect."""
    _forget_the_limit(impl, lambda inherited, _, *arguments: inherited(*arguments))


@breaks("isolation.handle-request-heeds-max-children")
def limit_is_for_the_loop(impl):
    """max_children is without effect on handle_request()."""

    def handle_request(inherited, server):
        limit, server.max_children = server.max_children, 1000
        inherited()
        server.max_children = limit

    extend(impl.ForkingMixIn, "handle_request", handle_request)


@breaks("isolation.requests-wait-for-a-free-place")
def requests_beyond_the_limit_are_refused(impl):
    """A request that comes when there are max_children children is closed immediately."""

    def process_request(inherited, server, request, client_address):
        server.collect_children()
        if len(server.active_children or ()) < server.limit:
            inherited(request, client_address)
        else:
            server.shutdown_request(request)

    _forget_the_limit(impl, process_request)


@breaks("isolation.the-limit-does-not-keep-shutdown-waiting")
def loop_waits_for_a_free_place(impl):
    """The loop of a server at its limit does nothing until a child has ended."""

    def service_actions(inherited, server):
        if len(server.active_children or ()) >= server.max_children:
            server.collect_children(blocking=True)

    extend(impl.ForkingMixIn, "service_actions", service_actions)


@breaks("isolation.the-limit-may-be-lowered-while-children-work")
def limit_is_set_once(impl):
    """max_children is the first number that it has been set to."""
    default = impl.ForkingMixIn.max_children

    def limit(server):
        return vars(server).get("limit", default)

    def set_limit(server, number):
        vars(server).setdefault("limit", number)

    impl.ForkingMixIn.max_children = property(limit, set_limit)


@breaks("isolation.loops-share-the-limit")
def each_loop_takes_the_last_place(impl):
    """process_request() does not look whether there still is a place: the loop has looked."""
    fork_by_hand(impl, lambda *arguments: end(handle(*arguments)))


@breaks("isolation.an-ended-child-frees-its-place")
def places_are_used_up(impl):
    """A server takes in max_children requests, and refuses any other."""

    def process_request(inherited, server, request, client_address):
        server.taken = vars(server).get("taken", 0) + 1
        if server.taken <= server.max_children:
            inherited(request, client_address)
        else:
            server.shutdown_request(request)

    extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.service-actions-go-on-at-the-limit")
def service_actions_wait_for_a_free_place(impl):
    """service_actions() of a server at its limit waits until a child has ended."""

    def service_actions(inherited, server):
        inherited()
        while len(server.active_children or ()) >= server.max_children:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            inherited()

    extend(impl.ForkingMixIn, "service_actions", service_actions)


@breaks("isolation.a-limit-below-one-does-no-harm")
def no_place_is_waited_for(impl):
    """collect_children() asks for ended children until there are fewer than the limit."""

    def collect_children(inherited, server, *, blocking=False):
        while server.active_children is not None and len(server.active_children) >= server.max_children:
            with contextlib.suppress(ChildProcessError):
                server.active_children.discard(os.waitpid(-1, 0)[0])
        inherited(blocking=blocking)

    extend(impl.ForkingMixIn, "collect_children", collect_children)
