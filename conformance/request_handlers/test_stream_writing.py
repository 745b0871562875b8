"""wfile of StreamRequestHandler: what it refuses, what its buffer holds, and what becomes of it."""

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
WITH_GAPS = {"BufferError": b"bytes", None: b"abcbytes"}
NOT_FOR_WRITING = ("read", "read1", "readline", "readinto", "seek", "truncate")


@requirement("request-handlers.wfile-is-a-buffered-writer")
@BUFFERED_OR_NOT
def test_both_files_can_be_wrapped_into_text_files(host, wbufsize):
    read, error, arrived = host.call(stream_writing.print_to_wfile, wbufsize)

    assert (read, error, arrived.decode()) == (["weiß\n"], None, "größer als\n")


@requirement("request-handlers.streams-may-be-cut-anyhow")
@pytest.mark.parametrize("wbufsize", [0, -1, 7], ids=["unbuffered", "default buffer", "buffer of 7"])
def test_any_sequence_of_writes_arrives_in_order(host, wbufsize):
    @settings(max_examples=20)
    @given(ways=st.lists(WAYS, max_size=6))
    def arrives(ways):
        pieces = [piece for method, arguments in ways if method != "flush" for piece in arguments]
        expected = b"".join(piece if isinstance(piece, bytes) else b"".join(piece) for piece in pieces)
        assert host.call(stream_writing.write_in_ways, wbufsize, ways) == (None, expected)

    arrives()


@requirement("request-handlers.write-refuses-what-is-not-bytes")
@BUFFERED_OR_NOT
def test_text_and_the_gaps_in_memory_are_not_written(host, wbufsize):
    (by_text, by_gaps), error, arrived = host.call(stream_writing.write_what_is_not_bytes, wbufsize)

    assert (by_text, error, arrived) == ("TypeError", None, WITH_GAPS.get(by_gaps))


@requirement("request-handlers.wfile-refuses-reading-and-seeking")
@BUFFERED_OR_NOT
def test_a_file_for_writing_is_for_nothing_else(host, wbufsize):
    assert host.call(stream_writing.read_and_seek, wbufsize) == dict.fromkeys(NOT_FOR_WRITING, True)


@requirement("request-handlers.buffered-output-is-sent-at-finish")
@BUFFERED
def test_output_in_the_buffer_is_sent_by_flush(host, wbufsize):
    assert host.call(stream_writing.flush_a_buffer, wbufsize) == ([b"", b"output"], None)


@requirement("request-handlers.full-buffer-is-sent")
@pytest.mark.parametrize("piece", [300, 1000, 5000])
def test_a_buffer_holds_no_more_than_its_size(host, piece):
    waiting = host.call(stream_writing.overfill_a_buffer, 1000, piece, 10)

    assert (len(waiting), [number for number in waiting if number > 1000]) == (10, [])


@requirement("request-handlers.reset-without-output-left-is-quiet")
@BUFFERED_OR_NOT
def test_a_client_that_is_gone_is_no_error_when_it_has_got_everything(host, wbufsize):
    ending = host.call(stream_writing.lose_the_peer_without_output, wbufsize)

    assert ending == {"raised": None, "rfile": True, "wfile": True}


@requirement("request-handlers.files-of-failed-setup-are-closed")
@BUFFERED_OR_NOT
def test_a_failed_setup_leaves_no_file_open(host, wbufsize):
    error, before, after = host.call(stream_writing.look_at_files_of_failed_setup, wbufsize)

    assert (error, before, after) == ("ValueError", [False, False], [True, True])
