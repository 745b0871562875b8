"""Whom server_close() waits for when requests run in threads."""

from conformance.servers import THREADING_STREAM
from conformance.waiting import behaviours
from harness.checks.waiting import handlers_outliving
from harness.marks import each_server, requirement


@requirement("waiting.server-close-joins-threads")
@each_server(THREADING_STREAM)
def test_server_close_waits_for_every_handler_at_work(serve, server_class):
    server = serve(server_class, behaviours.hold)
    clients = [server.connect() for _ in range(3)]
    server.wait_for("handler.enter", count=len(clients))
    server.call("shutdown")

    closing = server.start("server_close")
    closing.allow_to_return()
    server.release()
    closing.wait()

    assert handlers_outliving("server_close", server.history()) == []
