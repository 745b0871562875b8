"""How the defects of this area change threads."""


def after_closing(impl, act):
    """Let server_close() of servers with threads call act(server) at its end."""
    inherited = impl.ThreadingMixIn.server_close

    def server_close(self):
        inherited(self)
        act(self)

    impl.ThreadingMixIn.server_close = server_close
