"""Mark the functions that break a candidate on purpose.

A defect takes the freshly loaded candidate and patches it, as far as possible through documented names, so that the
same defect breaks any candidate.  The host that it ruins is thrown away.
"""


def breaks(requirement):
    """Say which requirement a defect breaks, by its id."""

    def mark(defect):
        defect.breaks = requirement
        return defect

    return mark
