"""Ways to get the isolation wrong."""

import json
import os
import sys

from harness.host.breaking import breaks


def _extend(mix_in, method, replacement):
    """Let *replacement*, a function of (inherited, server, *arguments), stand for a method of *mix_in*."""
    own = vars(mix_in).get(method)

    def extended(self, *arguments, **options):
        inherited = getattr(super(mix_in, self), method) if own is None else own.__get__(self)
        return replacement(inherited, self, *arguments, **options)

    setattr(mix_in, method, extended)


def _fork_by_hand(impl, be_the_child):
    """Let forking servers fork without any care; the child runs be_the_child(server, request, client_address)."""

    def process_request(self, request, client_address):
        pid = os.fork()
        if pid == 0:
            be_the_child(self, request, client_address)
            return
        self.active_children = (self.active_children or set()) | {pid}
        self.close_request(request)

    impl.ForkingMixIn.process_request = process_request


def _handle(server, request, client_address):
    """Handle a request as a child does; return its exit status."""
    try:
        server.finish_request(request, client_address)
    except Exception:  # noqa: BLE001 - whatever a handler raises
        server.handle_error(request, client_address)
        return 1
    finally:
        server.shutdown_request(request)
    return 0


@breaks("isolation.a-child-for-each-request")
def handlers_run_in_grandchildren(impl):
    """The child has a child of its own handle the request."""

    def finish_request(inherited, server, request, client_address):
        pid = os.fork()
        if pid == 0:
            inherited(request, client_address)
            os._exit(0)
        os.waitpid(pid, 0)

    _extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.a-child-never-returns")
def children_return(impl):
    """The child handles the request and returns from process_request()."""
    _fork_by_hand(impl, _handle)


@breaks("isolation.callers-clean-up-once")
def children_leave_by_an_exception(impl):
    """The child ends by sys.exit(), which runs everybody's finally blocks."""
    _fork_by_hand(impl, lambda *arguments: sys.exit(_handle(*arguments)))


@breaks("isolation.buffered-text-is-written-once")
def children_write_what_the_parent_printed(impl):
    """The child writes out all that is in its buffers, also what the parent had put there."""

    def be_the_child(*arguments):
        status = _handle(*arguments)
        sys.stdout.flush()
        os._exit(status)

    _fork_by_hand(impl, be_the_child)


@breaks("isolation.printed-text-is-not-lost")
def children_forget_what_they_printed(impl):
    """The child ends without writing out what is in its buffers."""
    _fork_by_hand(impl, lambda *arguments: os._exit(_handle(*arguments)))


@breaks("isolation.sys-exit-gives-the-status")
def sys_exit_is_a_failure(impl):
    """Whatever sys.exit() was called with, the child exits with 1."""

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except SystemExit:
            server.shutdown_request(request)
            os._exit(1)

    _extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.exit-status-tells-success")
def children_never_fail(impl):
    """The child exits with 0 although its handler raised."""

    def handle_error(inherited, server, request, client_address):
        inherited(request, client_address)
        server.shutdown_request(request)
        os._exit(0)

    _extend(impl.ForkingMixIn, "handle_error", handle_error)


@breaks("isolation.changes-stay-in-the-child")
def environment_comes_back(impl):
    """The environment of the child is that of the parent when it has ended."""

    def process_request(inherited, server, request, client_address):
        reader, server.carrier = os.pipe()
        inherited(request, client_address)
        os.close(server.carrier)
        with os.fdopen(reader) as report:
            os.environ.update(json.loads(report.read() or "{}"))

    def finish_request(inherited, server, request, client_address):
        inherited(request, client_address)
        os.write(server.carrier, json.dumps(dict(os.environ)).encode("ascii"))

    _extend(impl.ForkingMixIn, "process_request", process_request)
    _extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.children-see-the-state-at-the-fork")
def children_see_the_state_at_the_first_request(impl):
    """The child's server has the attributes that it had when the first request came."""

    def process_request(inherited, server, request, client_address):
        vars(server).setdefault("first", dict(vars(server)))
        inherited(request, client_address)

    def finish_request(inherited, server, request, client_address):
        first = server.first
        vars(server).clear()
        vars(server).update(first)
        inherited(request, client_address)

    _extend(impl.ForkingMixIn, "process_request", process_request)
    _extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.errors-are-handled-in-the-child")
def children_report_errors_themselves(impl):
    """The child reports an error as BaseServer does, whoever has overridden handle_error()."""

    def finish_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except Exception:  # noqa: BLE001 - whatever a handler raises
            impl.BaseServer.handle_error(server, request, client_address)
            server.shutdown_request(request)
            os._exit(1)

    _extend(impl.ForkingMixIn, "finish_request", finish_request)


@breaks("isolation.errors-of-children-are-reported")
def children_fail_in_silence(impl):
    """handle_error() of a forking server reports nothing."""
    _extend(impl.ForkingMixIn, "handle_error", lambda *_: None)


@breaks("isolation.fork-failure-is-an-error-of-the-request")
def fork_failure_is_passed_over(impl):
    """If fork fails, the request is closed and nobody told."""

    def process_request(inherited, server, request, client_address):
        try:
            inherited(request, client_address)
        except OSError:
            server.shutdown_request(request)

    _extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.the-parent-lets-go-of-the-connection")
def parent_keeps_connections(impl):
    """The parent does not close its copy of a connection."""

    def close_request(inherited, server, request):
        if os.getpid() == vars(server).setdefault("parent", os.getpid()):
            vars(server).setdefault("kept", []).append(request)
        else:
            inherited(request)

    _extend(impl.ForkingMixIn, "close_request", close_request)
    _note_the_parent(impl)


def _note_the_parent(impl):
    def process_request(inherited, server, request, client_address):
        server.parent = os.getpid()
        inherited(request, client_address)

    _extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.requests-leave-no-descriptors")
def each_request_leaves_a_descriptor(impl):
    """The parent opens something for each request and forgets it."""

    def process_request(inherited, server, request, client_address):
        os.open(os.devnull, os.O_RDONLY)
        inherited(request, client_address)

    _extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.a-child-lets-go-of-the-listening-socket")
def children_keep_the_listening_socket(impl):
    """The child has a copy of the listening socket."""

    def process_request(inherited, server, request, client_address):
        server.copy = server.socket.dup()
        try:
            inherited(request, client_address)
        finally:
            server.copy.close()

    _extend(impl.ForkingMixIn, "process_request", process_request)


@breaks("isolation.children-answer-on-the-servers-socket")
def parent_closes_the_socket_of_a_datagram(impl):
    """The parent closes the socket that came with a datagram, which is the server's own."""

    def close_request(inherited, server, request):
        inherited(request)
        if isinstance(request, tuple):
            request[1].close()

    _extend(impl.ForkingMixIn, "close_request", close_request)


@breaks("isolation.the-loop-collects-children")
def loop_does_not_collect(impl):
    """service_actions() does nothing, and nobody else collects in its place."""
    _extend(impl.ForkingMixIn, "service_actions", lambda *_: None)


@breaks("isolation.all-children-are-collected-at-once")
def one_child_is_collected_at_a_time(impl):
    """collect_children() that does not block collects one child."""

    def collect_children(inherited, server, *, blocking=False):
        if blocking:
            inherited(blocking=True)
        for pid in sorted(server.active_children or ()):
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                server.active_children.discard(pid)
                return

    _extend(impl.ForkingMixIn, "collect_children", collect_children)


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
def killed_children_are_remembered(impl):
    """A child counts as alive until it has exited, which one that was killed never does."""

    def collect_children(inherited, server, *, blocking=False):
        for pid in list(server.active_children or ()):
            try:
                ended, status = os.waitpid(pid, 0 if blocking else os.WNOHANG)
            except ChildProcessError:
                continue
            if ended and os.WIFEXITED(status):
                server.active_children.discard(pid)

    _extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.strangers-are-not-collected")
def any_child_is_collected(impl):
    """collect_children() asks for any child that has ended."""

    def collect_children(inherited, server, *, blocking=False):
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        inherited(blocking=blocking)

    _extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.strangers-are-not-collected-at-the-limit")
def any_child_makes_room(impl):
    """collect_children() at the limit waits until any child has ended."""

    def collect_children(inherited, server, *, blocking=False):
        while server.active_children and len(server.active_children) >= server.max_children:
            server.active_children.discard(os.waitpid(-1, 0)[0])
        inherited(blocking=blocking)

    _extend(impl.ForkingMixIn, "collect_children", collect_children)


@breaks("isolation.collect-children-without-children")
def collect_children_needs_children(impl):
    """collect_children() counts the children even if there never was one."""

    def collect_children(inherited, server, *, blocking=False):
        len(server.active_children)
        inherited(blocking=blocking)

    _extend(impl.ForkingMixIn, "collect_children", collect_children)


def _forget_the_limit(impl, process_request):
    """Lift the limit with the first request, and keep it as server.limit for *process_request*."""

    def lift_the_limit(inherited, server, request, client_address):
        vars(server).setdefault("limit", server.max_children)
        server.max_children = 1000
        process_request(inherited, server, request, client_address)

    _extend(impl.ForkingMixIn, "process_request", lift_the_limit)


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

    _extend(impl.ForkingMixIn, "handle_request", handle_request)


@breaks("isolation.requests-wait-for-a-free-place")
def requests_beyond_the_limit_are_refused(impl):
    """A request that comes when there are max_children children is closed at once."""

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

    _extend(impl.ForkingMixIn, "service_actions", service_actions)
