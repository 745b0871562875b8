"""What a program does that follows the documentation."""

from conformance.lifecycle.behaviours.arranging import free_address


def follow_recipe(stage, class_name, handler_name, way):
    """Do as the documentation says: handler class, server, with statement, serve, and close."""

    class Handler(getattr(stage.candidate, handler_name)):
        def handle(self):
            self.wfile.write(self.rfile.readline().upper())

    server_class = getattr(stage.candidate, class_name)
    with server_class(free_address(stage, server_class), Handler) as server:
        stage.servers.append(server)
        stage.record("server.made")
        if way == "serve_forever":
            server.serve_forever(poll_interval=0.01)
        else:
            server.handle_request()
        stage.wait("hold")  # until the client has its answer
