"""wfile of StreamRequestHandler: what arrives, what it refuses, what its buffer holds, and what becomes of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.request_handlers.behaviours import stream_writing
from harness.marks import requirement

BUFFERED_OR_NOT = pytest.mark.parametrize("wbufsize", [0, -1], ids=["unbuffered", "buffered"])
BUFFERED = pytest.mark.parametrize("wbufsize", [-1, 4096], ids=["default buffer", "buffer of 4096"])
PIECES = st.binary(max_size=30)
WAYS = st.one_of(
    st.tuples(st.just("write"), st.tuples(PIECES)),
    st.tuples(st.just("writelines"), st.tuples(st.lists(PIECES, max_size=3))),
    st.just(("flush", ())),
)
WITHOUT_GAPS = {("BufferError",): b"bytes", ("TypeError",): b"bytes", (None,): b"abcbytes"}  # by what was raised
NOT_FOR_WRITING = ("read", "read1", "readline", "readinto", "seek", "truncate")


@requirement("request-handlers.wfile-is-a-buffered-writer")
def test_both_files_can_be_wrapped_into_text_files(host):
    read, error, arrived = host.call(stream_writing.print_to_wfile)

    assert (read, error, arrived.decode()) == (["weiß\n"], None, "größer als\n")


@requirement("request-handlers.streams-may-be-cut-anyhow")
def test_any_sequence_of_writes_arrives_in_order(host):
    write_in_ways(host, {})


@requirement("request-handlers.buffered-output-is-sent-at-finish")
@pytest.mark.parametrize("wbufsize", [-1, 7], ids=["default buffer", "buffer of 7"])
def test_any_sequence_of_writes_to_a_buffer_arrives_in_order(host, wbufsize):
    write_in_ways(host, {"wbufsize": wbufsize})


def write_in_ways(host, members):
    """Write in any way, with a handler class that has these *members*, and see that everything arrives."""

    @settings(max_examples=20)
    @given(ways=st.lists(WAYS, max_size=6))
    def arrives(ways):
        pieces = [piece for method, arguments in ways if method != "flush" for piece in arguments]
        expected = b"".join(piece if isinstance(piece, bytes) else b"".join(piece) for piece in pieces)
        assert host.call(stream_writing.write_in_ways, ways, members) == (None, expected)

    arrives()


@requirement("request-handlers.write-refuses-what-is-not-bytes")
def test_text_is_not_written(host):
    assert host.call(stream_writing.write_text) == (["TypeError"], None, b"bytes")


@requirement("request-handlers.gaps-in-memory-are-not-written")
def test_the_gaps_in_memory_are_not_written(host):
    raised, _, arrived = host.call(stream_writing.write_memory_with_gaps)

    assert arrived == WITHOUT_GAPS.get(tuple(raised))


@requirement("request-handlers.wfile-refuses-reading-and-seeking")
def test_a_file_for_writing_is_for_nothing_else(host):
    assert host.call(stream_writing.read_and_seek) == (dict.fromkeys(NOT_FOR_WRITING, True), None)


@requirement("request-handlers.buffered-output-is-sent-at-finish")
@BUFFERED
def test_output_in_the_buffer_is_sent_by_flush(host, wbufsize):
    assert host.call(stream_writing.flush_a_buffer, wbufsize) == ([b"output"], None)


@requirement("request-handlers.full-buffer-is-sent")
@pytest.mark.parametrize("piece", [300, 1000, 5000])
def test_a_buffer_holds_no_more_than_its_size(host, piece):
    waiting, error = host.call(stream_writing.overfill_a_buffer, 1000, piece, 10)

    assert (len(waiting), [number for number in waiting if number > 1000], error) == (10, [], None)


@requirement("request-handlers.reset-without-output-left-is-quiet")
def test_a_client_that_is_gone_is_no_error_when_it_has_got_everything(host):
    assert host.call(stream_writing.lose_the_peer_without_output) is None


@requirement("request-handlers.files-of-failed-setup-are-closed")
@BUFFERED_OR_NOT
def test_a_failed_setup_leaves_no_file_open(host, wbufsize):
    error, before, after = host.call(stream_writing.look_at_files_of_failed_setup, wbufsize)

    assert (error, before, after) == ("ValueError", [False, False], [True, True])
