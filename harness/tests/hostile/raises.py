"""Raises what no handler of Exception catches, with a message of several lines."""


class Surprise(BaseException):
    """Not an Exception."""


raise Surprise("first line\nsecond line")
