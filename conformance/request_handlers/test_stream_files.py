"""rfile and wfile of StreamRequestHandler, used as files and tried without a server."""

import pytest

from conformance.request_handlers.behaviours import stream_files
from harness.marks import requirement

BUFFERED_OR_NOT = pytest.mark.parametrize("wbufsize", [0, -1], ids=["unbuffered", "buffered"])
BUFFERED = pytest.mark.parametrize("wbufsize", [-1, 4096], ids=["default buffer", "buffer of 4096"])
RAISING_OR_NOT = pytest.mark.parametrize("raising", [False, True], ids=["handle returns", "handle raises"])


@requirement("request-handlers.connection-is-the-request")
def test_connection_is_the_request(host):
    assert host.call(stream_files.compare_connection) == [True]


@requirement("request-handlers.rfile-is-a-buffered-reader")
def test_rfile_reads_as_a_buffered_file_does(host):
    expected = {
        "is io.BufferedIOBase": True,
        "readable, writable": (True, False),
        "read": b"aa",
        "read1": b"bb",
        "readinto": (3, b"ccc"),
        "readline": b", end of line\n",
        "readlines": [b"line\n", b"rest"],
        "at the end": b"",
    }

    assert host.call(stream_files.try_rfile) == (expected, None)


@requirement("request-handlers.wfile-is-a-buffered-writer")
@BUFFERED_OR_NOT
def test_wfile_is_a_writable_buffered_file(host, wbufsize):
    expected = {
        "is io.BufferedIOBase": True,
        "readable, writable": (False, True),
        "seekable, a terminal": (False, False),
        "closed": False,
        "fileno is the request's": True,
    }

    assert host.call(stream_files.try_wfile, wbufsize) == (expected, None, b"one two")


@requirement("request-handlers.write-returns-number-of-bytes")
@BUFFERED_OR_NOT
def test_write_counts_bytes_and_not_items(host, wbufsize):
    returned, error, arrived = host.call(stream_files.count_bytes, wbufsize)

    assert (returned, error, arrived) == ([5, 4, 6, 8, 0], None, 23)


@requirement("request-handlers.write-after-close-raises")
@BUFFERED_OR_NOT
def test_writing_to_a_closed_wfile_raises_and_sends_nothing(host, wbufsize):
    assert host.call(stream_files.write_after_close, wbufsize) == (["ValueError"], None, b"")


@requirement("request-handlers.closing-wfile-keeps-connection")
@BUFFERED_OR_NOT
def test_after_closing_wfile_the_connection_works_in_both_directions(host, wbufsize):
    error, read, arrived = host.call(stream_files.close_wfile_and_go_on, wbufsize)

    assert (error, read, arrived) == (None, [b"line\n"], b"through wfile, past it")


@requirement("request-handlers.buffered-output-is-sent-at-finish")
@BUFFERED
@RAISING_OR_NOT
def test_output_in_the_buffer_is_sent_at_finish_and_not_before(host, wbufsize, raising):
    before, after, error = host.call(stream_files.fill_a_buffer, wbufsize, raising)

    assert (before, after, error) == ([b""], b"output", "ValueError" if raising else None)


@requirement("request-handlers.files-are-closed-at-finish")
@BUFFERED_OR_NOT
@RAISING_OR_NOT
def test_both_files_are_closed_afterwards(host, wbufsize, raising):
    files = host.call(stream_files.look_at_files_afterwards, wbufsize, raising)

    assert files == {"rfile": True, "wfile": True, "raised": "ValueError" if raising else None}


@requirement("request-handlers.reset-with-output-left-is-quiet")
@BUFFERED
def test_output_for_a_client_that_is_gone_is_no_error(host, wbufsize):
    ending = host.call(stream_files.lose_the_peer, wbufsize)

    assert ending == {"raised": None, "rfile": True, "wfile": True}
