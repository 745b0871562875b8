"""What one more request costs while others are being served."""

import statistics

import pytest

from conformance.benchmarks.behaviours import candidates
from conformance.servers import CONCURRENT_INET_STREAM
from harness.marks import each_server, scenario
from harness.measuring import load

REQUEST = b"one more\n"
TIMES = 5  # samples at each number of others
AT_ONCE = {"threads": 16, "processes": 8}  # clients, so that the server has no time to doze off
OPEN = {"threads": (100, 200, 400), "processes": (20, 40)}
CHILDREN = 64  # so many are allowed


@scenario(
    "open-connections", load="while others are open", beside=["floor"], quick={"server_class": ["ThreadingTCPServer"]}
)
@each_server(CONCURRENT_INET_STREAM)
def test_one_more_request_while_others_are_open(scene, row, server_class):
    """One more connection with a request, of several at once, while others are open and their handlers wait."""

    def prepare(site):
        server = site.serve(candidates, server_class, "reply", max_children=CHILDREN)
        clients = AT_ONCE[server_class.concurrency]
        ask = (server.paused, server.address, server.family, REQUEST, clients)

        def cost(number):
            with load.held(server.address, server.family, REQUEST) as hold:
                hold(number)
                load.at_once(*ask)  # so that the server has done with those that were held before
                return [site.timed(lambda _: load.at_once(*ask), clients) for _ in range(TIMES)]

        def climb():
            cost(0)  # until the server is warm
            none = []
            more = {}
            for number in OPEN[server_class.concurrency]:
                none += cost(0)  # each time, so that what changes meanwhile is not taken for growth
                more[number] = statistics.median(cost(number))
            return {0: statistics.median(none), **more}

        return climb

    scene.growth(prepare, "open connections")


@scenario("memory-per-connection", load="{number} connections", beside=["floor"], quick={"number": []})
@pytest.mark.parametrize("number", [30])
@each_server(CONCURRENT_INET_STREAM)
def test_memory_of_open_connections(scene, row, server_class, number):
    """Memory that no other process shares, of the server and its children, for each connection that is open."""

    def prepare(site):
        server = site.serve(candidates, server_class, "reply", max_children=CHILDREN)

        def grow():
            before = site.memory()
            with load.held(server.address, server.family, REQUEST) as hold:
                hold(number)
                return (site.memory() - before) / number

        return grow

    scene.figure(prepare, "memory per connection", "bytes", resolution=4096, turns=1)
