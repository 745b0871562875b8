"""What a function raised, for behaviours that report it."""


def raised_by(function, *arguments):
    """Return what function(*arguments) raises, whatever it is; None if it returns."""
    try:
        function(*arguments)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the test judges it
        return error
    return None


def name_of(error):
    """Return the name of the class of *error*, None for None."""
    return None if error is None else type(error).__name__
