"""The files of Unix sockets."""

import errno
import os
import stat

from conformance.sockets.behaviours.arranging import closed_after, ignore


def file_of_a_server(stage, names, reuse):
    """Make, close, and make again a server of each class; return what became of the file, and of the second one."""
    return {name: _file_of_a_server(stage, each, reuse) for name, each in stage.classes(names)}


def _file_of_a_server(stage, server_class, reuse):
    path = stage.new_path()
    server_class = type("Server", (server_class,), {"allow_reuse_address": reuse})
    with closed_after(server_class(path, ignore)):
        made = stat.S_ISSOCK(os.stat(path).st_mode)
    left = os.path.exists(path)
    try:
        server_class(path, ignore).server_close()
        second = "made"
    except OSError as error:
        second = errno.errorcode.get(error.errno)
    return {"made": made, "left": left, "second": second}


def files_after_failures(stage, names, step):
    """Let *step* fail when the socket is bound; return for each class whether there was a file, and which is left."""
    found = {}

    def fail(self):
        getattr(super(type(self), self), step)()
        found[type(self).__name__].append(os.path.exists(self.server_address))
        raise OSError("on purpose")

    for name, server_class in stage.classes(names):
        path, found[name] = stage.new_path(), []
        try:
            type(name, (server_class,), {step: fail})(path, ignore)
        except OSError:
            found[name].append(os.path.exists(path))
    return found


def remove(stage):
    """Remove the file of the server."""
    os.unlink(stage.servers[0].socket.getsockname())
