"""Each class that the documentation names is there.

One requirement a class, which fails for nothing but its absence; all others judge the classes that are there.
"""

from conformance.hierarchy.behaviours import names
from conformance.servers import FORKING, UNIX
from harness.machine import check_support
from harness.marks import requirement

A_FORKING_SERVER = FORKING[0]
A_UNIX_SERVER = UNIX[0]


@requirement("hierarchy.base-server-exists")
def test_there_is_a_base_server(host):
    assert host.call(names.kind_of, "BaseServer") == "class"


@requirement("hierarchy.tcp-server-exists")
def test_there_is_a_tcp_server(host):
    assert host.call(names.kind_of, "TCPServer") == "class"


@requirement("hierarchy.udp-server-exists")
def test_there_is_a_udp_server(host):
    assert host.call(names.kind_of, "UDPServer") == "class"


@requirement("hierarchy.unix-stream-server-exists")
def test_there_is_a_unix_stream_server(host):
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "UnixStreamServer") == "class"


@requirement("hierarchy.unix-datagram-server-exists")
def test_there_is_a_unix_datagram_server(host):
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "UnixDatagramServer") == "class"


@requirement("hierarchy.forking-mix-in-exists")
def test_there_is_a_forking_mix_in(host):
    check_support(A_FORKING_SERVER)
    assert host.call(names.kind_of, "ForkingMixIn") == "class"


@requirement("hierarchy.threading-mix-in-exists")
def test_there_is_a_threading_mix_in(host):
    assert host.call(names.kind_of, "ThreadingMixIn") == "class"


@requirement("hierarchy.forking-tcp-server-exists")
def test_there_is_a_forking_tcp_server(host):
    check_support(A_FORKING_SERVER)
    assert host.call(names.kind_of, "ForkingTCPServer") == "class"


@requirement("hierarchy.forking-udp-server-exists")
def test_there_is_a_forking_udp_server(host):
    check_support(A_FORKING_SERVER)
    assert host.call(names.kind_of, "ForkingUDPServer") == "class"


@requirement("hierarchy.forking-unix-stream-server-exists")
def test_there_is_a_forking_unix_stream_server(host):
    check_support(A_FORKING_SERVER)
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "ForkingUnixStreamServer") == "class"


@requirement("hierarchy.forking-unix-datagram-server-exists")
def test_there_is_a_forking_unix_datagram_server(host):
    check_support(A_FORKING_SERVER)
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "ForkingUnixDatagramServer") == "class"


@requirement("hierarchy.threading-tcp-server-exists")
def test_there_is_a_threading_tcp_server(host):
    assert host.call(names.kind_of, "ThreadingTCPServer") == "class"


@requirement("hierarchy.threading-udp-server-exists")
def test_there_is_a_threading_udp_server(host):
    assert host.call(names.kind_of, "ThreadingUDPServer") == "class"


@requirement("hierarchy.threading-unix-stream-server-exists")
def test_there_is_a_threading_unix_stream_server(host):
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "ThreadingUnixStreamServer") == "class"


@requirement("hierarchy.threading-unix-datagram-server-exists")
def test_there_is_a_threading_unix_datagram_server(host):
    check_support(A_UNIX_SERVER)
    assert host.call(names.kind_of, "ThreadingUnixDatagramServer") == "class"


@requirement("hierarchy.base-request-handler-exists")
def test_there_is_a_base_request_handler(host):
    assert host.call(names.kind_of, "BaseRequestHandler") == "class"


@requirement("hierarchy.stream-request-handler-exists")
def test_there_is_a_stream_request_handler(host):
    assert host.call(names.kind_of, "StreamRequestHandler") == "class"


@requirement("hierarchy.datagram-request-handler-exists")
def test_there_is_a_datagram_request_handler(host):
    assert host.call(names.kind_of, "DatagramRequestHandler") == "class"
