"""How the defects of this area change a candidate: by other errors of its hooks."""

from harness.host.breaking import intercept


def translate_errors(impl, name, translate):
    """Let hook *name* of each server raise translate(error) instead of an error for which that is not None."""

    @intercept(impl, name)
    def find(self, method):
        def call(*arguments):
            try:
                return method(*arguments)
            except Exception as error:
                other = translate(error)
                if other is None:
                    raise
                raise other from error

        return call
