"""Ways to get printed text wrong."""

import io
import os

from conformance.isolation.defects.patching import end, fork_by_hand, handle
from harness.host.breaking import breaks


@breaks("isolation.buffered-text-is-written-once")
def children_write_what_the_parent_printed(impl):
    """The child writes out all that is in its buffers, also what the parent had put there."""
    fork_by_hand(impl, lambda *arguments: end(handle(*arguments)))


@breaks("isolation.printed-text-is-not-lost")
def children_forget_what_they_printed(impl):
    """The child ends without writing out what is in its buffers."""
    fork_by_hand(impl, lambda *arguments: os._exit(handle(*arguments)))


@breaks("isolation.buffered-text-is-written-once")
def children_write_what_is_in_any_buffer(impl):
    """The child writes out what is in the buffers of all files, also of those that the parent has opened."""

    def be_the_child(server, *arguments):
        status = handle(server, *arguments)
        for value in vars(server).values():
            if isinstance(value, io.TextIOWrapper):
                value.flush()
        end(status)

    fork_by_hand(impl, be_the_child)


@breaks("isolation.printed-text-is-not-lost")
def children_that_fail_forget_what_they_printed(impl):
    """A child that failed ends without writing out what is in its buffers."""

    def be_the_child(*arguments):
        status = handle(*arguments)
        end(status) if status == 0 else os._exit(status)

    fork_by_hand(impl, be_the_child)
