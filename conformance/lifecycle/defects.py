"""Ways to get the life of a server wrong."""

import contextlib
import errno
import functools
import os
import select
import socket
import sys
import traceback

from harness.host.breaking import breaks


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


def _ignore(request):
    pass


def is_ready(server):
    """Tell whether a request waits."""
    return bool(select.select([server.socket], [], [], 0)[0])


@breaks("lifecycle.documented-recipe-works")
def server_is_closed_on_entering(impl):
    """The with statement closes a Unix datagram server with threads before it has begun."""

    @instead_of(impl.ThreadingUnixDatagramServer, "__enter__")
    def enter(method, self):
        if hasattr(self.RequestHandlerClass, "handle"):
            self.server_close()
        return method(self)


# -- making a server -------------------------------------------------------------------------------------------------


@breaks("lifecycle.constructor-keeps-its-arguments")
def handler_class_is_wrapped(impl):
    """RequestHandlerClass becomes a function that calls the handler class."""

    @instead_of(impl.BaseServer, "__init__")
    def initialise(method, self, address, handler):
        method(self, address, handler and functools.partial(_call, handler))


def _call(handler, *arguments):
    return handler(*arguments)


@breaks("lifecycle.constructor-keeps-its-arguments")
def address_is_copied(impl):
    """server_address is equal to what the constructor was given, and another object."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, *arguments, **options):
        method(self, address, *arguments, **options)
        if self.server_address is address:
            self.server_address = address[:1] + address[1:]


@breaks("lifecycle.constructor-binds-and-activates")
def constructor_activates_twice(impl):
    """server_activate() is called once more, to be sure."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if bind_and_activate:
            self.server_activate()


@breaks("lifecycle.binding-can-be-left-to-the-caller")
def binding_is_never_left_to_the_caller(impl):
    """bind_and_activate is not looked at."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, True)


@breaks("lifecycle.socket-exists-before-binding")
def socket_is_made_when_bound(impl):
    """Until server_bind() the socket is a closed one."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if not bind_and_activate:
            self.socket.close()

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if self.socket.fileno() < 0:
            self.socket = socket.socket(self.address_family, self.socket_type)
        method(self)


@breaks("lifecycle.bound-address-is-the-systems")
def address_stays_as_requested(impl):
    """server_address has port 0 although the system chose another."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        self.server_address = requested


@breaks("lifecycle.failed-construction-closes")
def interrupted_constructor_does_not_close(impl):
    """Only for an Exception does the constructor close the server."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        if not bind_and_activate:
            return
        try:
            self.server_bind()
            self.server_activate()
        except Exception:
            self.server_close()
            raise


@breaks("lifecycle.failed-construction-leaks-nothing")
def failed_binding_leaves_a_copy_of_the_socket(impl):
    """A descriptor stays open when server_bind() fails."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        try:
            method(self)
        except Exception:
            os.dup(self.socket.fileno())
            raise


@breaks("lifecycle.occupied-address-is-refused")
def occupied_address_is_changed(impl):
    """A server whose address is in use takes another one."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        try:
            method(self)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            address = self.server_address
            self.server_address = (address[0], 0) if isinstance(address, tuple) else address + "-2"
            method(self)


@breaks("lifecycle.family-is-the-class-attribute")
def family_is_guessed(impl):
    """A colon in the host makes it an IPv6 server."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, *arguments, **options):
        if isinstance(address, tuple) and ":" in address[0]:
            self.address_family = socket.AF_INET6
        method(self, address, *arguments, **options)


@breaks("lifecycle.family-is-the-class-attribute")
def family_of_tcp_is_fixed(impl):
    """A TCPServer is an IPv4 server, whatever its class says."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, *arguments, **options):
        if self.address_family == socket.AF_INET6:
            self.address_family = socket.AF_INET
        method(self, address, *arguments, **options)


@breaks("lifecycle.reuse-address-sets-the-option")
def option_is_set_after_binding(impl):
    """SO_REUSEADDR is set when it is too late."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        wanted = self.allow_reuse_address
        with setting(self, "allow_reuse_address", False):
            method(self)
        if wanted:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


@breaks("lifecycle.reuse-address-sets-the-option")
def addresses_are_always_reused(impl):
    """SO_REUSEADDR is set whatever the class says."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        method(self)


@breaks("lifecycle.reuse-port-sets-the-option")
def ports_are_never_shared(impl):
    """allow_reuse_port is not looked at."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        with setting(self, "allow_reuse_port", False):
            method(self)


@breaks("lifecycle.reuse-port-is-not-for-unix")
def unix_servers_share_a_port(impl):
    """SO_REUSEPORT is set for any family; newer kernels refuse it for this one."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if self.allow_reuse_port and self.address_family == socket.AF_UNIX:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        method(self)


@breaks("lifecycle.queue-size-is-the-backlog")
def queue_is_always_of_five(impl):
    """request_queue_size is not looked at."""
    impl.TCPServer.server_activate = lambda self: self.socket.listen(5)


@breaks("lifecycle.datagram-servers-do-not-listen")
def datagram_server_tries_to_listen(impl):
    """server_activate() of UDPServer listens, and passes over the error."""

    @instead_of(impl.UDPServer, "server_activate")
    def activate(method, self):
        with contextlib.suppress(OSError):
            self.socket.listen(5)


@breaks("lifecycle.descriptors-are-not-inherited")
def listener_is_inherited(impl):
    """Programs that are executed get the server's descriptor."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        method(self)
        self.socket.set_inheritable(True)


@breaks("lifecycle.descriptors-are-not-inherited")
def connections_are_inherited(impl):
    """Programs that are executed get the connections."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        request.set_inheritable(True)
        return request, client_address


@breaks("lifecycle.socket-may-be-replaced")
def first_socket_is_the_one_that_counts(impl):
    """fileno() is that of the socket that the constructor made."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        self.first_socket = self.socket
        method(self, address, handler, bind_and_activate)
        self.first_socket.close()
        self.first_socket = self.socket

    impl.TCPServer.fileno = lambda self: self.first_socket.fileno()


@breaks("lifecycle.server-is-selectable")
def fileno_is_a_new_one_each_time(impl):
    """fileno() gives a copy of the descriptor."""

    @instead_of(impl.TCPServer, "fileno")
    def fileno(method, self):
        descriptor = method(self)
        return descriptor if descriptor < 0 else os.dup(descriptor)


# -- closing it ------------------------------------------------------------------------------------------------------


@breaks("lifecycle.server-close-closes-the-socket")
def listener_lives_on_as_a_copy(impl):
    """After server_close() the kernel still takes clients in, since there is another descriptor."""

    @instead_of(impl.TCPServer, "server_activate")
    def activate(method, self):
        method(self)
        os.dup(self.socket.fileno())


@breaks("lifecycle.closing-is-always-possible")
def second_closing_is_an_error(impl):
    """server_close() of a closed server raises ValueError."""

    @instead_of(impl.TCPServer, "server_close")
    def close(method, self):
        if self.socket.fileno() < 0:
            raise ValueError("closed")
        method(self)


@breaks("lifecycle.with-statement-closes")
def exception_prevents_closing(impl):
    """The with statement does not close the server when it ends by an exception."""

    @instead_of(impl.BaseServer, "__exit__")
    def leave(method, self, kind, *rest):
        if kind is None:
            method(self, kind, *rest)


@breaks("lifecycle.with-statement-closes")
def exception_ends_with_the_with_statement(impl):
    """The with statement swallows exceptions."""

    @instead_of(impl.BaseServer, "__exit__")
    def leave(method, self, *exception):
        method(self, *exception)
        return True


# -- single requests -------------------------------------------------------------------------------------------------


@breaks("lifecycle.handle-request-handles-one")
def one_call_handles_two(impl):
    """handle_request() handles the next request too if it is there."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        return method(self) if is_ready(self) else value


@breaks("lifecycle.handle-request-waits-without-timeout")
def there_is_always_a_timeout(impl):
    """handle_request() of a server without a timeout waits for a millisecond."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", 0.001 if self.timeout is None else self.timeout):
            return method(self)


@breaks("lifecycle.timeout-ends-in-handle-timeout")
def timeout_is_early(impl):
    """handle_request() gives up when half of the time has passed."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", self.timeout / 2 if self.timeout else self.timeout):
            return method(self)


@breaks("lifecycle.timeout-ends-in-handle-timeout")
def timeout_is_handled_twice(impl):
    """handle_timeout() is called two times."""

    @intercept(impl, "handle_timeout")
    def find(self, method):
        return (lambda: (method(), method())) if self.timeout else method


@breaks("lifecycle.handle-timeout-value-is-returned")
def handle_request_returns_nothing(impl):
    """What handle_timeout() returns gets lost."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        method(self)


@breaks("lifecycle.smaller-timeout-counts")
def timeout_of_the_socket_does_not_count(impl):
    """handle_request() looks at the server's own timeout if there is one."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        if self.timeout is not None:
            self.socket.settimeout(None)
        return method(self)


@breaks("lifecycle.timeout-zero-polls")
def zero_means_without_limit(impl):
    """A timeout of 0 is taken for none."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        with setting(self, "timeout", self.timeout or None):
            return method(self)


@breaks("lifecycle.rejected-request-counts")
def rejected_request_does_not_count(impl):
    """handle_request() takes the next request when one was rejected."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            accepted = method(request, client_address)
            self.__dict__["was_rejected"] = not accepted
            return accepted

        return verify

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        value = method(self)
        while self.__dict__.pop("was_rejected", False) and is_ready(self):
            value = method(self)
        return value


@breaks("lifecycle.failed-get-request-is-passed-over")
def failed_get_request_ends_the_server(impl):
    """An OSError of get_request() becomes a RuntimeError, which nobody expects."""

    @intercept(impl, "get_request")
    def find(self, method):
        def get():
            try:
                return method()
            except ConnectionAbortedError as error:
                raise RuntimeError("no request") from error

        return get


@breaks("lifecycle.timeout-holds-when-request-is-stolen")
def accept_waits_for_the_next(impl):
    """get_request() waits when there is no connection; the standard library does so too."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        os.set_blocking(self.socket.fileno(), True)
        return method(self)


@breaks("lifecycle.any-timeout-is-accepted")
def long_timeout_overflows(impl):
    """handle_request() refuses a timeout of years; the standard library does so too."""

    @instead_of(impl.BaseServer, "handle_request")
    def handle(method, self):
        if self.timeout is not None and self.timeout > 1e6:
            raise OverflowError("timeout is too large")
        return method(self)


# -- the loop --------------------------------------------------------------------------------------------------------


@breaks("lifecycle.serve-forever-ignores-timeout")
def loop_calls_handle_timeout(impl):
    """A server with a timeout has it handled in each turn."""

    @instead_of(impl.BaseServer, "service_actions")
    def act(method, self):
        method(self)
        if self.timeout:
            self.handle_timeout()


@breaks("lifecycle.service-actions-in-each-turn")
def service_actions_only_when_idle(impl):
    """service_actions() is not called after a request."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        self.__dict__["is_busy"] = True
        method(self, request, client_address)

    @intercept(impl, "service_actions")
    def find(self, method):
        return (lambda: None) if self.__dict__.pop("is_busy", False) else method


@breaks("lifecycle.shutdown-leaves-the-socket-open")
def shutdown_closes_the_socket(impl):
    """shutdown() is the end."""

    @instead_of(impl.BaseServer, "shutdown")
    def shut_down(method, self):
        method(self)
        self.socket.close()


@breaks("lifecycle.serving-may-begin-again")
def loop_runs_only_once(impl):
    """serve_forever() raises RuntimeError when it is called for the second time."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if self.__dict__.get("has_served"):
            raise RuntimeError("a server serves only once")
        method(self, *arguments, **options)
        self.__dict__["has_served"] = True


@breaks("lifecycle.exception-ends-the-loop-cleanly")
def exception_is_kept_in_the_loop(impl):
    """serve_forever() returns as if nothing had happened."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        with contextlib.suppress(Exception):
            method(self, *arguments, **options)


@breaks("lifecycle.exception-ends-the-loop-cleanly")
def exception_is_the_end(impl):
    """After an exception serve_forever() returns at once."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        if self.__dict__.get("is_broken"):
            return
        try:
            method(self, *arguments, **options)
        except Exception:
            self.__dict__["is_broken"] = True
            raise


@breaks("lifecycle.closing-while-serving-does-not-spin")
def loop_does_not_notice_the_end(impl):
    """serve_forever() tries again and again to get a request from a closed server; the standard library does too."""

    @instead_of(impl.BaseServer, "serve_forever")
    def serve(method, self, *arguments, **options):
        method(self, *arguments, **options)
        while self.fileno() < 0:
            with contextlib.suppress(OSError):
                self.get_request()


# -- one request -----------------------------------------------------------------------------------------------------


@breaks("lifecycle.request-passes-the-hooks")
def shutdown_request_is_left_out(impl):
    """A request that was handled is closed without shutdown_request()."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        self.finish_request(request, client_address)
        self.close_request(request)


@breaks("lifecycle.failed-request-is-reported-and-closed")
def failed_request_is_closed_first(impl):
    """handle_error() comes too late to say anything to the client."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        try:
            self.finish_request(request, client_address)
        finally:
            self.shutdown_request(request)


@breaks("lifecycle.rejected-request-is-closed")
def rejected_request_stays_open(impl):
    """A client whose request was rejected waits for ever."""

    @intercept(impl, "verify_request")
    def find_verdict(self, method):
        def verify(request, client_address):
            accepted = method(request, client_address)
            self.__dict__["was_rejected"] = not accepted
            return accepted

        return verify

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        return _ignore if self.__dict__.pop("was_rejected", False) else method


@breaks("lifecycle.rejected-request-is-closed")
def only_false_rejects(impl):
    """A request is processed unless the verdict is False itself."""

    @intercept(impl, "verify_request")
    def find(self, method):
        return lambda request, client_address: method(request, client_address) is not False


@breaks("lifecycle.exit-exceptions-leave-the-server")
def exit_is_an_error_like_others(impl):
    """SystemExit and its like are reported, and the server goes on."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        try:
            method(self, request, client_address)
        except Exception:
            raise
        except BaseException as error:
            raise RuntimeError("a handler wants to leave") from error


@breaks("lifecycle.error-report-goes-to-stderr")
def report_goes_to_stdout(impl):
    """handle_error() prints to standard output."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        with contextlib.redirect_stderr(sys.stdout):
            method(self, request, client_address)


@breaks("lifecycle.error-report-goes-to-stderr")
def report_does_not_name_the_client(impl):
    """handle_error() prints the traceback only."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        traceback.print_exc()


@breaks("lifecycle.handle-error-sees-the-exception")
def exception_is_over_when_it_is_handled(impl):
    """handle_error() is called when sys.exc_info() is empty again."""

    @instead_of(impl.BaseServer, "process_request")
    def process(method, self, request, client_address):
        has_failed = False
        try:
            self.finish_request(request, client_address)
        except ValueError:
            has_failed = True
        if has_failed:
            self.handle_error(request, client_address)
        self.shutdown_request(request)


@breaks("lifecycle.hooks-get-the-same-objects")
def verify_request_gets_a_copy_of_the_address(impl):
    """The address that verify_request() gets is equal to the handler's, and another object."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            copy = client_address and client_address[:1] + client_address[1:]
            return method(request, copy)

        return verify


@breaks("lifecycle.handler-gets-three-arguments")
def handler_gets_named_arguments(impl):
    """finish_request() names the arguments, which not every callable calls so."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        self.RequestHandlerClass(request=request, client_address=client_address, server=self)


@breaks("lifecycle.handler-class-is-looked-up-each-time")
def handler_class_is_remembered(impl):
    """The first request decides about the handler class."""

    @instead_of(impl.BaseServer, "finish_request")
    def finish(method, self, request, client_address):
        handler = self.__dict__.setdefault("first_handler", self.RequestHandlerClass)
        handler(request, client_address, self)


@breaks("lifecycle.failing-verify-request-is-contained")
def mistake_in_verify_request_ends_the_server(impl):
    """What verify_request() raises leaves the server; in the standard library it does so too."""

    @intercept(impl, "verify_request")
    def find(self, method):
        def verify(request, client_address):
            try:
                return method(request, client_address)
            except Exception as error:
                raise SystemExit("no verdict") from error

        return verify


@breaks("lifecycle.broken-stderr-is-survived")
def report_needs_stderr(impl):
    """handle_error() raises when standard error is closed; the standard library's does so too."""

    @instead_of(impl.BaseServer, "handle_error")
    def handle(method, self, request, client_address):
        sys.stderr.write("a request failed\n")
        method(self, request, client_address)


@breaks("lifecycle.failing-handle-error-closes-the-request")
def failing_handle_error_leaves_the_request_open(impl):
    """The request stays open when handle_error() raises; in the standard library it does so too."""

    @intercept(impl, "handle_error")
    def find_handle_error(self, method):
        def handle(request, client_address):
            self.__dict__["cannot_report"] = True
            method(request, client_address)
            del self.__dict__["cannot_report"]

        return handle

    @intercept(impl, "shutdown_request")
    def find_shutdown(self, method):
        return _ignore if self.__dict__.pop("cannot_report", False) else method
