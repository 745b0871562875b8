"""The parts of an account that tests judge, and the steps and server classes that they have in common."""

from conformance.servers import ALL

SERVING = ("serve", "shutdown", "handle")
VISITING = ("polite", "failing", "refused", "held", "release")
ANY = SERVING * 2 + VISITING
TYPICAL = tuple(
    each for each in ALL if each.name in ("TCPServer", "UDPServer", "ThreadingTCPServer", "ForkingTCPServer")
)


def handlers(account):
    """Return which visits had a handler."""
    return sorted(account.begun)


def order_of_arrival(account):
    """Return the visits in the order in which they were verified."""
    return account.taken


def order_of_handling(account):
    """Return the visits in the order in which they were verified, and in which their handlers began."""
    return account.taken, account.begun


def closed(account):
    """Return which visits were closed."""
    return sorted(account.closed)


def single_requests(account):
    """Return how many visits were taken, how often there was nobody, and how the calls of handle_request() ended."""
    return len(account.taken), account.timeouts, account.ended.get("handle_request")


def everything(account):
    """Return all that must be the same whether requests are handled one after another or together."""
    return sorted(account.begun), account.timeouts, account.ended
