"""How the defects of this area change stream handlers."""

import io


def after_setup(impl, change):
    """Let *change* have a stream handler after its setup()."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        original(self)
        change(self)

    impl.StreamRequestHandler.setup = setup


class Wrapped(io.BufferedIOBase):
    """A writer that does what the wrapped one does."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        """Say that it is made for writing."""
        return True

    def write(self, data):
        """Write to the wrapped one."""
        return self.file.write(data)

    def flush(self):
        """Flush the wrapped one as long as it is open."""
        if not self.file.closed:
            self.file.flush()

    def fileno(self):
        """Return the descriptor of the wrapped one."""
        return self.file.fileno()

    def close(self):
        """Close both."""
        self.file.close()
        super().close()
