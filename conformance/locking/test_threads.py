"""Which thread does what."""

from conformance.locking import behaviours
from conformance.servers import THREADING, THREADING_INET, USER_BUILT
from conformance.visitors import visitor, visitors
from harness.checks.overlap import handlers_in_same_thread, handlers_in_server_thread
from harness.checks.places import hooks_outside_request_thread, hooks_outside_serving_thread
from harness.marks import each_server, requirement

USER_BUILT_THREADING = tuple(each for each in USER_BUILT if each.concurrency == "threads")


@requirement("locking.thread-for-each-request")
@each_server(THREADING + USER_BUILT_THREADING)
def test_handlers_do_not_run_in_the_thread_that_serves(serve, server_class):
    server = serve(server_class, behaviours.pass_by)
    visitors(server, server_class, 2)
    server.wait_for("handler.exit", count=2)

    assert handlers_in_server_thread(server.history()) == []


@requirement("locking.thread-for-each-request")
@each_server(THREADING)
def test_handlers_at_work_at_a_time_run_in_threads_of_their_own(serve, server_class):
    server = serve(server_class, behaviours.hold)
    visitors(server, server_class, 2)
    server.comes("handler.enter", count=2)

    assert handlers_in_same_thread(server.history()) == []


@requirement("locking.a-new-thread-for-each-request")
@each_server(THREADING)
def test_no_thread_handles_a_second_request(serve, server_class):
    server = serve(server_class, behaviours.look_for_traces)
    for number in range(3):
        visitor(server, server_class)
        server.wait_for("handler.exit", count=number + 1)

    used = [event.details["used"] for event in server.history().of("thread.seen")]
    assert used == [False, False, False]


@requirement("locking.process-request-does-not-wait")
@each_server(THREADING)
def test_process_request_returns_while_the_handler_is_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold, loop=False)
    visitor(server, server_class)
    handling = server.start("handle_request")
    server.wait_for("handler.enter")

    state = "blocked" if handling.is_blocked(patience=0.2) else "returned"
    assert state == "returned"


@requirement("locking.request-thread-finishes-the-request")
@each_server(THREADING)
def test_what_follows_process_request_happens_in_the_thread_of_the_request(serve, server_class):
    hooks = ("finish_request", "handle_error")
    server = serve(server_class, behaviours.fail, probes=hooks)
    visitor(server, server_class)
    server.comes("hook.exit", name="handle_error")

    assert hooks_outside_request_thread(server.history(), hooks) == []


@requirement("locking.request-thread-closes-the-request")
@each_server(THREADING)
def test_a_request_is_shut_down_and_closed_in_its_thread(serve, server_class):
    hooks = ("shutdown_request", "close_request")
    server = serve(server_class, behaviours.pass_by, probes=hooks)
    visitor(server, server_class)
    server.comes("hook.exit", name="shutdown_request")

    assert hooks_outside_request_thread(server.history(), hooks) == []


@requirement("locking.serving-thread-takes-requests-in")
@each_server(THREADING)
def test_what_precedes_the_thread_happens_in_the_thread_that_serves(serve, server_class):
    hooks = ("get_request", "verify_request", "process_request")
    server = serve(server_class, behaviours.pass_by, probes=hooks)
    visitors(server, server_class, 2)
    server.comes("handler.exit", count=2)

    assert hooks_outside_serving_thread(server.history(), hooks) == []


@requirement("locking.thread-body-can-be-replaced")
@each_server(THREADING)
def test_a_wrapper_of_process_request_thread_surrounds_the_handler(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("process_request_thread",))
    client = visitor(server, server_class)
    server.comes("handler.exit")
    server.comes("hook.exit")

    seen = [(event.kind, event.client) for event in server.history() if event.kind[:4] in ("hand", "hook")]
    kinds = ["hook.enter", "handler.enter", "handler.exit", "hook.exit"]
    assert seen == [(kind, client.name) for kind in kinds]


@requirement("locking.thread-body-can-be-replaced")
@each_server(THREADING)
def test_without_the_original_process_request_thread_nothing_is_handled(serve, server_class):
    server = serve(
        server_class,
        behaviours.pass_by,
        process_request_thread=behaviours.keep_request,
        probes=("process_request_thread",),
    )
    visitors(server, server_class, 2)
    server.comes("hook.exit", count=2)

    kinds = [event.kind for event in server.history() if event.kind in ("body.replaced", "handler.enter")]
    assert kinds == ["body.replaced"] * 2


@requirement("locking.thread-body-can-be-replaced")
@each_server(THREADING_INET)
def test_the_body_may_be_replaced_in_a_server_that_serves(serve, server_class):
    server = serve(server_class, behaviours.pass_by)
    server.host.call(behaviours.replace_thread_body)
    visitor(server, server_class)
    server.comes("body.replaced")

    kinds = [event.kind for event in server.history() if event.kind in ("body.replaced", "handler.enter")]
    assert kinds == ["body.replaced"]


@requirement("locking.thread-name-tells-its-task")
@each_server(THREADING_INET)
def test_the_name_of_a_thread_has_that_of_its_body(serve, server_class):
    server = serve(server_class, behaviours.tell_thread_name)
    visitor(server, server_class)
    server.wait_for("handler.exit")

    names = [str(event.details["name"]).rpartition("(")[2] for event in server.history().of("thread.seen")]
    assert names == ["process_request_thread)"]


@requirement("locking.threads-are-no-daemons-by-default")
@each_server(THREADING)
def test_threads_are_no_daemons_although_the_serving_thread_is_one(serve, server_class):
    server = serve(server_class, behaviours.tell_daemon)
    visitor(server, server_class)
    server.wait_for("handler.exit")

    daemons = [event.details["daemon"] for event in server.history().of("thread.seen")]
    assert daemons == [False]


@requirement("locking.daemon-flag-is-read-for-each-request")
@each_server(THREADING)
def test_threads_are_what_daemon_threads_says_at_that_time(serve, server_class):
    server = serve(server_class, behaviours.tell_daemon)
    flags = [True, False, True]
    for number, flag in enumerate(flags):
        server.set("daemon_threads", flag)
        visitor(server, server_class)
        server.wait_for("handler.exit", count=number + 1)

    daemons = [event.details["daemon"] for event in server.history().of("thread.seen")]
    assert daemons == flags
