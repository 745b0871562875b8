"""Raises an exception that cannot be turned into text."""


class UnprintableError(Exception):
    """Raises another exception when it is printed."""

    def __str__(self):
        raise KeyboardInterrupt


raise UnprintableError
