"""Ways to lack a class."""

from harness.host.breaking import breaks


def _remove(impl, name):
    vars(impl).pop(name, None)
    if hasattr(impl, "__all__"):
        impl.__all__ = [other for other in impl.__all__ if other != name]


@breaks("hierarchy.base-server-exists")
def there_is_no_base_server(impl):
    """The module has everything but BaseServer."""
    _remove(impl, "BaseServer")


@breaks("hierarchy.tcp-server-exists")
def there_is_no_tcp_server(impl):
    """The module has everything but TCPServer."""
    _remove(impl, "TCPServer")


@breaks("hierarchy.udp-server-exists")
def there_is_no_udp_server(impl):
    """The module has everything but UDPServer."""
    _remove(impl, "UDPServer")


@breaks("hierarchy.unix-stream-server-exists")
def there_is_no_unix_stream_server(impl):
    """The module has everything but UnixStreamServer."""
    _remove(impl, "UnixStreamServer")


@breaks("hierarchy.unix-datagram-server-exists")
def there_is_no_unix_datagram_server(impl):
    """The module has everything but UnixDatagramServer."""
    _remove(impl, "UnixDatagramServer")


@breaks("hierarchy.forking-mix-in-exists")
def there_is_no_forking_mix_in(impl):
    """The module has everything but ForkingMixIn."""
    _remove(impl, "ForkingMixIn")


@breaks("hierarchy.threading-mix-in-exists")
def there_is_no_threading_mix_in(impl):
    """The module has everything but ThreadingMixIn."""
    _remove(impl, "ThreadingMixIn")


@breaks("hierarchy.forking-tcp-server-exists")
def there_is_no_forking_tcp_server(impl):
    """The module has everything but ForkingTCPServer."""
    _remove(impl, "ForkingTCPServer")


@breaks("hierarchy.forking-udp-server-exists")
def there_is_no_forking_udp_server(impl):
    """The module has everything but ForkingUDPServer."""
    _remove(impl, "ForkingUDPServer")


@breaks("hierarchy.forking-unix-stream-server-exists")
def gh_103673_there_is_no_forking_unix_stream_server(impl):
    """The module has everything but ForkingUnixStreamServer."""
    _remove(impl, "ForkingUnixStreamServer")


@breaks("hierarchy.forking-unix-datagram-server-exists")
def gh_103673_there_is_no_forking_unix_datagram_server(impl):
    """The module has everything but ForkingUnixDatagramServer."""
    _remove(impl, "ForkingUnixDatagramServer")


@breaks("hierarchy.threading-tcp-server-exists")
def there_is_no_threading_tcp_server(impl):
    """The module has everything but ThreadingTCPServer."""
    _remove(impl, "ThreadingTCPServer")


@breaks("hierarchy.threading-udp-server-exists")
def there_is_no_threading_udp_server(impl):
    """The module has everything but ThreadingUDPServer."""
    _remove(impl, "ThreadingUDPServer")


@breaks("hierarchy.threading-unix-stream-server-exists")
def there_is_no_threading_unix_stream_server(impl):
    """The module has everything but ThreadingUnixStreamServer."""
    _remove(impl, "ThreadingUnixStreamServer")


@breaks("hierarchy.threading-unix-datagram-server-exists")
def there_is_no_threading_unix_datagram_server(impl):
    """The module has everything but ThreadingUnixDatagramServer."""
    _remove(impl, "ThreadingUnixDatagramServer")


@breaks("hierarchy.base-request-handler-exists")
def there_is_no_base_request_handler(impl):
    """The module has everything but BaseRequestHandler."""
    _remove(impl, "BaseRequestHandler")


@breaks("hierarchy.stream-request-handler-exists")
def there_is_no_stream_request_handler(impl):
    """The module has everything but StreamRequestHandler."""
    _remove(impl, "StreamRequestHandler")


@breaks("hierarchy.datagram-request-handler-exists")
def there_is_no_datagram_request_handler(impl):
    """The module has everything but DatagramRequestHandler."""
    _remove(impl, "DatagramRequestHandler")
