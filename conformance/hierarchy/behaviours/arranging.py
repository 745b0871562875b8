"""What several behaviours of this area set up with."""

LOOPBACK = ("127.0.0.1", 0)


def ignore(request, client_address, server):
    """Be called as a handler class is."""
