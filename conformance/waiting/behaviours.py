"""What the host runs for this area."""


def hold(visit):
    """Stay at work until the test opens the gate."""
    visit.wait("hold")
