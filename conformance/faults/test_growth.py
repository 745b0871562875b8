"""What many requests leave behind."""

from conformance.faults.behaviours import growth
from conformance.servers import FORKING, INET, STREAM, SYNCHRONOUS
from harness.marks import each_server, requirement

FORKING_STREAM_INET = tuple(each for each in FORKING if each in INET and each in STREAM)
MANY = 100  # requests
FEW = 25  # the same where each costs a child


@requirement("faults.requests-leave-no-memory-behind")
@each_server(SYNCHRONOUS + FORKING_STREAM_INET)
def test_a_server_does_not_grow_with_the_number_of_its_requests(host, server_class):
    count = FEW if server_class in FORKING_STREAM_INET else MANY

    grown = host.call(growth.measure_growth, server_class.name, count)

    assert {"an object for each request": grown >= 2 * count} == {"an object for each request": False}
