"""What the servers of all rows begin with: where they listen, and the word that they do."""

BACKLOG = 128  # the clients of a benchmark must not be refused


def free_address(stage, server_class):
    """Return an address that nobody uses, fit for the family of *server_class*."""
    return ("127.0.0.1", 0) if server_class["family"] == "inet" else stage.new_path()


def announce(stage, near_end):
    """Say where clients find the server whose socket is *near_end*."""
    stage.record("serving", address=near_end.getsockname(), family=int(near_end.family))
