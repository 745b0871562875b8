"""What the host runs for this area."""


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")


def pass_by(visit):
    """Do nothing."""


def stop_the_server(visit):
    """Call shutdown() in the thread that handles the request."""
    visit.server.shutdown()
    visit.record("stopped")


def have_the_server_stopped(visit):
    """Call shutdown() in a thread of its own, and do not wait for it."""
    visit.stage.start(stop_the_server, visit)


def hold_the_loop(server):
    """As service_actions(): keep the loop busy until the test opens the gate."""
    server.stage.wait("hold")


def leave_a_with_block(stage):
    """Use the server as a context manager, as programs do."""
    with stage.servers[0]:
        pass
