"""rfile and wfile of StreamRequestHandler, used as files."""

import pytest

from conformance.request_handlers.behaviours import stream_files
from harness.marks import requirement

BUFFERED_OR_NOT = pytest.mark.parametrize("wbufsize", [0, -1], ids=["unbuffered", "buffered"])
BUFFERED = pytest.mark.parametrize("wbufsize", [-1, 4096], ids=["default buffer", "buffer of 4096"])
RAISING_OR_NOT = pytest.mark.parametrize("raising", [False, True], ids=["handle returns", "handle raises"])


@requirement("request-handlers.connection-is-the-request")
def test_connection_is_the_request(host):
    assert host.call(stream_files.compare_connection) == ([True], None)


@requirement("request-handlers.rfile-is-a-buffered-reader")
def test_rfile_reads_as_a_buffered_file_does(host):
    expected = {
        "readable": True,
        "closed": False,
        "read": b"aa",
        "read1": b"b",
        "readinto": (3, b"ccc"),
        "readline": b", end of line\n",
        "readlines": [b"line\n", b"rest"],
        "at the end": b"",
    }

    assert host.call(stream_files.try_rfile) == (expected, None)


@requirement("request-handlers.wfile-is-a-buffered-writer")
def test_wfile_is_a_writable_buffered_file(host):
    assert host.call(stream_files.try_wfile) == ({"writable": True, "closed": False}, None, b"one two")


@requirement("request-handlers.files-have-the-descriptor")
def test_both_files_have_the_descriptor_of_the_connection(host):
    assert host.call(stream_files.compare_descriptors) == ([True, True], None)


@requirement("request-handlers.write-returns-number-of-bytes")
def test_write_counts_bytes_and_not_items(host):
    returned, error, arrived = host.call(stream_files.count_bytes)

    assert (returned, error, arrived) == ([5, 4, 6, 8, 0], None, 23)


@requirement("request-handlers.write-after-close-raises")
def test_writing_to_a_closed_wfile_raises_and_sends_nothing(host):
    raised, _, arrived = host.call(stream_files.write_after_close)

    assert (raised, arrived) == (["ValueError"], b"")


@requirement("request-handlers.files-may-be-closed-by-the-handler")
def test_files_that_the_handler_has_closed_are_no_error(host):
    assert host.call(stream_files.close_both_files) == (None, b"output")


@requirement("request-handlers.closing-wfile-keeps-connection")
@BUFFERED_OR_NOT
def test_after_closing_wfile_the_connection_works_in_both_directions(host, wbufsize):
    error, read, arrived = host.call(stream_files.close_wfile_and_go_on, wbufsize)

    assert (error, read, arrived) == (None, [b"line\n"], b"through wfile, past it")


@requirement("request-handlers.buffered-output-is-sent-at-finish")
@BUFFERED
@RAISING_OR_NOT
def test_output_in_the_buffer_is_sent_at_finish(host, wbufsize, raising):
    before, after, _ = host.call(stream_files.fill_a_buffer, wbufsize, raising)

    assert b"".join([*before, after]) == b"output"


@requirement("request-handlers.buffered-output-waits")
@BUFFERED
def test_output_in_the_buffer_is_not_sent_before_it_has_to(host, wbufsize):
    before, _, _ = host.call(stream_files.fill_a_buffer, wbufsize, False)

    assert before == [b""]


@requirement("request-handlers.files-are-closed-at-finish")
@BUFFERED_OR_NOT
@RAISING_OR_NOT
def test_both_files_are_closed_afterwards(host, wbufsize, raising):
    files = host.call(stream_files.look_at_files_afterwards, wbufsize, raising)

    assert (files["rfile"], files["wfile"]) == (True, True)


@requirement("request-handlers.reset-with-output-left-is-quiet")
@BUFFERED
def test_output_for_a_client_that_is_gone_is_no_error(host, wbufsize):
    ending = host.call(stream_files.lose_the_peer, wbufsize)

    assert ending == {"raised": None, "rfile": True, "wfile": True}
