"""rfile of StreamRequestHandler: how far it reads, and what becomes of it."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.request_handlers.behaviours import stream_reading
from harness.marks import requirement

BUFFERED_OR_NOT = pytest.mark.parametrize("wbufsize", [0, -1], ids=["unbuffered", "buffered"])
SIZES = st.integers(min_value=0, max_value=40)
WAYS = st.one_of(
    st.tuples(st.sampled_from(["read", "readline"]), st.one_of(st.just(-1), SIZES)),
    st.just(("readlines", -1)),
    st.tuples(st.just("readinto"), SIZES),
)
LINE = 100  # bytes
SENT = b"%099d\n" % 7 + b"rest" * 2500
READINGS = pytest.mark.parametrize(("reading", "amount"), [("read", 10), ("readline", -1)], ids=["read", "readline"])


@requirement("request-handlers.rfile-is-a-buffered-reader")
def test_any_sequence_of_reads_gives_what_it_gives_of_a_file(host):
    @settings(max_examples=30)
    @given(data=st.lists(st.binary(max_size=30), max_size=6).map(b"\n".join), ways=st.lists(WAYS, max_size=6))
    def gives_the_same(data, ways):
        file = io.BytesIO(data)
        expected = [stream_reading.read_in_way(file, *way) for way in ways]
        assert host.call(stream_reading.read_in_ways, data, ways) == (expected, None)

    gives_the_same()


@requirement("request-handlers.unbuffered-rfile-takes-no-more")
@READINGS
def test_without_a_buffer_what_was_not_read_is_left_to_the_connection(host, reading, amount):
    read = SENT[: amount if reading == "read" else LINE]

    assert host.call(stream_reading.read_ahead, 0, reading, amount) == ([read, SENT[len(read) :]], None)


@requirement("request-handlers.rfile-reads-ahead-within-rbufsize")
@pytest.mark.parametrize("rbufsize", [16, 512])
@READINGS
def test_what_does_not_fit_into_the_buffer_is_left_to_the_connection(host, rbufsize, reading, amount):
    got, error = host.call(stream_reading.read_ahead, rbufsize, reading, amount)

    read = SENT[: amount if reading == "read" else LINE]
    left = [SENT[len(read) + ahead :] for ahead in range(rbufsize + 1)]
    assert (got[:1], got[-1] in left, error) == ([read], True, None)


@requirement("request-handlers.timed-out-rfile-reads-no-more")
@pytest.mark.parametrize("rbufsize", [-1, 0], ids=["buffered", "unbuffered"])
def test_a_file_that_timed_out_is_of_no_use_any_more(host, rbufsize):
    assert host.call(stream_reading.read_after_timeout, rbufsize) == ([True, True], None)


@requirement("request-handlers.closing-rfile-keeps-connection")
@BUFFERED_OR_NOT
def test_after_closing_rfile_the_connection_works_in_both_directions(host, wbufsize):
    error, read, arrived = host.call(stream_reading.close_rfile_and_go_on, wbufsize)

    assert (error, read, arrived) == (None, [b"line\n"], b"through wfile")
