"""What the host runs for this area."""

import builtins
import contextlib
import errno
import io
import os
import selectors
import socket
import struct
import sys
import time

LOOPBACK = ("127.0.0.1", 0)


# -- making and closing servers --------------------------------------------------------------------------------------


def kept_arguments(stage, names):
    """Return for each class of *names* whether its object has the very address and handler class it was made with."""
    kept = {}
    for name, server_class in _classes(stage, names):
        address, handler = _address(stage, server_class), _Nothing()
        with server_class(address, handler, False) as server:
            kept[name] = server.server_address is address and server.RequestHandlerClass is handler
    return kept


def steps_of_construction(stage, names, bind_and_activate):
    """Return for each class of *names* which of its methods the constructor calls."""
    calls = {}

    def note(name, step):
        def method(self):
            calls[name].append(step)
            getattr(super(type(self), self), step)()

        return method

    for name, server_class in _classes(stage, names):
        calls[name] = []
        members = {step: note(name, step) for step in ("server_bind", "server_activate")}
        watched = type("Watched", (server_class,), members)
        watched(_address(stage, server_class), None, bind_and_activate).server_close()
    return calls


def sockets_before_binding(stage, names):
    """Return family, type and whether it is open, of the socket of each class's unbound server."""
    found = {}
    for name, server_class in _classes(stage, names):
        with server_class(_address(stage, server_class), None, False) as server:
            its = server.socket
            found[name] = (int(its.family), int(its.type), its.fileno() >= 0)
    return found


def bound_addresses(stage, names):
    """Return for each class whether its address is what the system says, and no longer port 0."""
    found = {}
    for name, server_class in _classes(stage, names):
        with server_class(_address(stage, server_class), None) as server:
            address = server.server_address
            found[name] = address == server.socket.getsockname() and address != LOOPBACK
    return found


def bound_host(stage, name, host):
    """Return the host in the address of a server that was bound to *host*."""
    with getattr(stage.candidate, name)((host, 0), None) as server:
        return server.server_address[0]


def fail_to_construct(stage, names, step, error):
    """Let a step of the constructor raise; return for each class what came of it."""
    seen = {}
    for name, server_class in _classes(stage, names):
        seen[name] = _fail_to_construct(server_class, _address(stage, server_class), step, error)
    return seen


def _fail_to_construct(server_class, address, step, error_name):
    error, seen, servers = getattr(builtins, error_name)("on purpose"), [], []

    def fail(self):
        servers.append(self)
        raise error

    def server_close(self):
        seen.append("closed")
        super(failing, self).server_close()

    failing = type("Failing", (server_class,), {step: fail, "server_close": server_close})
    try:
        failing(address, None)
    except BaseException as raised:  # noqa: BLE001 - whatever comes is the answer
        seen.append("raised" if raised is error else type(raised).__name__)
    return seen + [server.socket.fileno() for server in servers]


def descriptors_after_failures(stage, names):
    """Fail to bind five servers of each class; return for each how many descriptors more there are."""
    more, errors = {}, []  # the errors keep the servers alive, which else would be closed as garbage
    for name, server_class in _classes(stage, names):
        before = len(os.listdir("/proc/self/fd"))
        errors += [_failure(server_class, _impossible_address(stage, server_class)) for _ in range(5)]
        more[name] = len(os.listdir("/proc/self/fd")) - before
    assert None not in errors, "servers were bound to an impossible address"
    return more


def _failure(server_class, address):
    try:
        server_class(address, None).server_close()
    except (OSError, OverflowError) as error:
        return error
    return None


def make_another(stage, name, address):
    """Make a server at *address* and return the name of the error number of the OSError, None without one."""
    try:
        getattr(stage.candidate, name)(address, None).server_close()
    except OSError as error:
        return errno.errorcode.get(error.errno)
    return None


def close_early_and_often(stage, names):
    """Close servers that have done nothing, three times each; return for each class what is left of the descriptor."""
    left = {}
    for name, server_class in _classes(stage, names):
        for activate in (True, False):
            server = server_class(_address(stage, server_class), None, activate)
            for _ in range(3):
                server.server_close()
            left[name] = server.fileno()
    return left


def use_in_with_statement(stage, names):
    """Raise an exception in a with statement of each class's server; return what happened in which order."""
    seen = {}

    def note(name, call):
        def method(self):
            seen[name].append(call)
            if call == "server_close":
                super(type(self), self).server_close()

        return method

    for name, server_class in _classes(stage, names):
        seen[name] = []
        members = {call: note(name, call) for call in ("server_close", "shutdown")}
        server = type("Watched", (server_class,), members)(_address(stage, server_class), None)
        try:
            with server as entered:
                seen[name].append("itself" if entered is server else "something else")
                {}["raise LookupError"]
        except LookupError:
            seen[name].append("raised")
    return seen


def follow_recipe(stage, class_name, handler_name, way):
    """Do as the documentation says: handler class, server, with statement, serve; return the descriptor at the end."""

    class Handler(getattr(stage.candidate, handler_name)):
        def handle(self):
            self.wfile.write(self.rfile.readline().upper())

    server_class = getattr(stage.candidate, class_name)
    with server_class(_address(stage, server_class), Handler) as server:
        stage.servers.append(server)
        stage.record("server.made")
        if way == "serve_forever":
            server.serve_forever(poll_interval=0.01)
        else:
            server.handle_request()
        stage.wait("hold")  # until the client has its answer
    return server.fileno()


# -- sockets and their options -----------------------------------------------------------------------------------------


class WatchedSocket(socket.socket):
    """Remembers an option at the time of bind(), and whether it was told to listen."""

    option = None
    value_at_bind = None
    listened = False

    def bind(self, address):
        """Bind, after a look at the option."""
        if self.option is not None:
            self.value_at_bind = bool(self.getsockopt(socket.SOL_SOCKET, self.option))
        super().bind(address)

    def listen(self, *backlog):
        """Listen if that is possible."""
        self.listened = True
        with contextlib.suppress(OSError):
            super().listen(*backlog)


def option_at_bind(stage, names, attribute, option, value):
    """Return for each class whether *option* was set when it bound with its *attribute* set to *value*."""
    found = {}
    for name, server_class in _classes(stage, names):
        watched = type("Watched", (server_class,), {attribute: value})
        with _watched_server(stage, watched) as server:
            server.socket.option = getattr(socket, option)
            server.server_bind()
            found[name] = server.socket.value_at_bind
    return found


def option_after_construction(stage, names, attribute, option):
    """Return for each class whether *option* is set after it was made with its *attribute* true."""
    found = {}
    for name, server_class in _classes(stage, names):
        with type("Server", (server_class,), {attribute: True})(_address(stage, server_class), None) as server:
            found[name] = bool(server.socket.getsockopt(socket.SOL_SOCKET, getattr(socket, option)))
    return found


def listens_when_activated(stage, names):
    """Return for each class whether server_activate() tells the socket to listen."""
    found = {}
    for name, server_class in _classes(stage, names):
        with _watched_server(stage, server_class) as server:
            server.server_bind()
            server.server_activate()
            found[name] = server.socket.listened
    return found


def _watched_server(stage, server_class):
    server = server_class(_address(stage, server_class), None, False)
    server.socket.close()
    server.socket = WatchedSocket(server_class.address_family, server_class.socket_type)
    return server


def tcp_backlogs(stage, names, size):
    """Return for each class the longest queue that the kernel allows when request_queue_size is *size*."""
    found = {}
    for name, server_class in _classes(stage, names):
        with type("Server", (server_class,), {"request_queue_size": size})(LOOPBACK, None) as server:
            state = server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            found[name] = struct.unpack_from("I", state, 28)[0]  # of a listening socket: sk_max_ack_backlog
    return found


def unix_queue(stage, name, size):
    """Return how many clients can connect to a Unix server that accepts none, when request_queue_size is *size*."""
    server_class = type("Server", (getattr(stage.candidate, name),), {"request_queue_size": size})
    with server_class(stage.new_path(), None) as server, contextlib.ExitStack() as clients:
        for count in range(100):
            client = clients.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.setblocking(False)
            if client.connect_ex(server.socket.getsockname()) == errno.EAGAIN:
                return count
    return None


def inheritable_listeners(stage, names):
    """Return for each class whether its server's descriptor would be inherited."""
    found = {}
    for name, server_class in _classes(stage, names):
        with server_class(_address(stage, server_class), None) as server:
            found[name] = os.get_inheritable(server.fileno())
    return found


def inheritable_connections(stage, names):
    """Return for each class whether the descriptor of an accepted connection would be inherited."""
    found = {}
    for name, server_class in _classes(stage, names):
        with server_class(_address(stage, server_class), None) as server, _client(server):
            request, _ = server.get_request()
            found[name] = os.get_inheritable(request.fileno())
            request.close()
    return found


def ipv6_hosts(stage, names):
    """Return for each class the host to which a server bound whose address_family says IPv6."""
    found = {}
    for name, server_class in _classes(stage, names):
        with type("Server", (server_class,), {"address_family": socket.AF_INET6})(("::1", 0), None) as server:
            found[name] = server.socket.getsockname()[0]
    return found


def bind_ipv4_server_to_ipv6(stage, names):
    """Return for each class whether an IPv6 address fails unless address_family is changed."""
    failed = {}
    for name, server_class in _classes(stage, names):
        failed[name] = _failure(server_class, ("::1", 0)) is not None
    return failed


def replace_socket(stage, names):
    """Serve one request from a socket that was not the server's own; return for each class what was seen of it."""
    seen = {}
    for name, server_class in _classes(stage, names):
        handled = []
        server = server_class(_address(stage, server_class), _noting(handled, name), False)
        server.socket.close()
        server.socket = own = socket.socket(server_class.address_family, server_class.socket_type)
        own.bind(_address(stage, server_class))
        if server_class.socket_type == socket.SOCK_STREAM:
            own.listen(1)
        is_its_own = server.fileno() == own.fileno()
        with _client(server):
            server.handle_request()
        server.server_close()
        seen[name] = {"descriptor": is_its_own, "handled": len(handled), "left": own.fileno()}
    return seen


def select_two_servers(stage, names):
    """Watch two servers of each class with a selector; return which handled requests, and whose fileno() was right."""
    return {name: _select_two(stage, server_class) for name, server_class in _classes(stage, names)}


def _select_two(stage, server_class):
    handled = []
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        servers = [server_class(_address(stage, server_class), _noting(handled, index)) for index in (0, 1)]
        for server in servers:
            selector.register(opened.enter_context(server), selectors.EVENT_READ)
            opened.enter_context(_client(server))
        for _ in range(20):
            for key, _ in selector.select(1):
                key.fileobj.handle_request()
            if len(handled) == len(servers):
                break
        same = [server.fileno() == server.socket.fileno() for server in servers]
    return {"handled": sorted(handled), "descriptor": same}


def _noting(handled, index):
    def handler(request, client_address, server):
        handled.append(index)

    return handler


# -- handling requests -------------------------------------------------------------------------------------------------


def do_nothing(visit):
    """Be there."""


def fail(visit):
    """Make the mistake that the server's attribute ``fails_with`` names."""
    raise getattr(builtins, visit.server.fails_with)("a mistake in the handler")


def fail_first(visit):
    """Make that mistake once for each server."""
    if not getattr(visit.server, "has_failed", False):
        visit.server.has_failed = True
        fail(visit)


def stop(visit):
    """Let the loop end."""
    visit.stage.start(visit.server.shutdown)


def report_sameness(visit):
    """Report whether the handler was given the objects that verify_request() was given."""
    request, client_address = visit.server.verified
    visit.record(
        "arguments.compared",
        request=visit.request is request,
        address=visit.client_address is client_address,
    )


def remember_arguments(server, request, client_address):
    """Accept the request, and keep what belongs to it."""
    server.verified = request, client_address
    return True


def give_verdict(server, request, client_address):
    """Return what the test has set."""
    return server.verdict


def reject_first(server, request, client_address):
    """Reject the first request of each server."""
    server.rejected, was_rejected = True, getattr(server, "rejected", False)
    return was_rejected


def raise_in_verify_request(server, request, client_address):
    """Fail to come to a verdict."""
    raise ValueError("a mistake in verify_request()")


def note_exception(server, request, client_address):
    """Report what there is to be seen in handle_error()."""
    error = sys.exc_info()[1]
    connection = request[1] if isinstance(request, tuple) else request
    server.stage.record("error.seen", error=type(error).__name__, open=connection.fileno() >= 0)


def raise_in_handle_error(server, request, client_address):
    """Fail while reporting, and remember the request."""
    server.failed_request = request
    raise LookupError("a mistake in handle_error()")


def failed_request_is_open(stage):
    """Tell whether the connection of the failed request is still open."""
    return stage.servers[0].failed_request.fileno() >= 0


def return_token(server):
    """Return something that nobody else returns."""
    return "nobody came"


def fail_to_get_first(server):
    """Fail once as accept() may fail, then get the request."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ConnectionAbortedError("on purpose")
    return server.inherited.get_request()


def get_request_too_late(server):
    """Let someone else take the request first."""
    server.stolen = server.inherited.get_request()
    return server.inherited.get_request()


def get_request_counted(server):
    """Count the attempts, and rest after so many that only a loop without pause can have made them."""
    server.attempts += 1
    if server.attempts > 200:
        server.stage.wait("hold")
    return server.inherited.get_request()


def rest_after_many_turns(server):
    """Let also a loop rest that does nothing but turn after its server was closed."""
    if server.socket.fileno() < 0:
        server.turns += 1
    if server.turns > 200:
        server.stage.wait("hold")


def fail_in_first_turn(server):
    """Raise in the first turn of the first loop."""
    if not getattr(server, "has_failed", False):
        server.has_failed = True
        raise ValueError("on purpose")


def handle_and_time(stage, seconds):
    """Call handle_request() and return its value, and whether that took at least so many *seconds*."""
    [server] = stage.servers
    begin = time.monotonic()
    value = server.handle_request()
    return {"value": value, "early": time.monotonic() - begin < seconds}


def set_socket_timeout(stage, seconds):
    """Set the timeout of the server's socket."""
    stage.servers[0].socket.settimeout(seconds)


def handle_and_read_reports(stage):
    """Call handle_request() and return what it prints: on standard error, and on standard output."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        stage.servers[0].handle_request()
    return err.getvalue(), out.getvalue()


def handle_with_closed_stderr(stage):
    """Call handle_request() while standard error is closed."""
    err = io.StringIO()
    err.close()
    with contextlib.redirect_stderr(err):
        stage.servers[0].handle_request()


def call_plain_functions(stage, names):
    """Use a function as handler class of each class; return how it was called."""
    return {name: _call_plain_function(stage, server_class) for name, server_class in _classes(stage, names)}


def _call_plain_function(stage, server_class):
    calls = []

    def handler(*arguments, **options):
        calls.append((arguments, options))
        return "ignored"

    with server_class(_address(stage, server_class), handler) as server, _client(server):
        value = server.handle_request()
    [(arguments, options)] = calls
    return {
        "arguments": len(arguments),
        "options": sorted(options),
        "server last": arguments[-1:] == (server,),
        "value": value,
    }


def change_handlers(stage, names):
    """Change the handler class of each class's server after the first request; return which handled the two."""
    handled = {}
    for name, server_class in _classes(stage, names):
        handled[name] = []
        server = server_class(_address(stage, server_class), _noting(handled[name], "first"))
        with server, _client(server), _client(server):
            server.handle_request()
            server.RequestHandlerClass = _noting(handled[name], "second")
            server.handle_request()
    return handled


# -- used above --------------------------------------------------------------------------------------------------------


class _Nothing:
    """Something that is the same only as itself."""


def _classes(stage, names):
    """Return those of *names* that the module has, with their classes; some are newer than others."""
    return [(name, getattr(stage.candidate, name)) for name in names if hasattr(stage.candidate, name)]


def _address(stage, server_class):
    if server_class.address_family == getattr(socket, "AF_UNIX", None):
        return stage.new_path()
    return tuple(LOOPBACK)


def _impossible_address(stage, server_class):
    if server_class.address_family == getattr(socket, "AF_UNIX", None):
        return os.path.join(stage.new_path("no-folder"), "socket")
    return (LOOPBACK[0], -1)


@contextlib.contextmanager
def _client(server):
    """Keep a client of *server* whose request waits: a connection, or a datagram that was sent."""
    with socket.socket(server.socket.family, server.socket.type) as client:
        client.connect(server.socket.getsockname())
        if server.socket.type == socket.SOCK_DGRAM:
            client.send(b"a request")
        yield client
