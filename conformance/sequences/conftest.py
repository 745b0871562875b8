"""The one way in which the tests of this area look for a sequence that goes wrong."""

import pytest

from conformance.sequences import driving

COUNT = 10  # sequences that a check takes
MOST_TRIALS = 6  # at making a sequence that fails shorter


@pytest.fixture
def departure(fresh_host, seed, defect):
    """Look for steps of an alphabet after which the view of what happened is not what it must be; [] if all is well.

    A sequence that fails is made shorter, but not for a fault that was put in on purpose.
    """

    def find(server_class, alphabet, view, *, count=COUNT, **options):
        explorer = driving.Explorer(fresh_host, server_class, view, **options)
        return driving.departure(explorer, alphabet, driving.draws(seed, count), 0 if defect else MOST_TRIALS)

    return find
