"""What a host holds more than before, when it has had the time to give it back."""

from harness.hosts import Host
from harness.vitals import Vitals, growth


def growth_of(host: Host, before: Vitals) -> dict[str, int]:
    """Return how many more threads, descriptors and children the host has than *before*; fewer are no growth."""

    def grown() -> dict[str, int]:
        return growth(before, host.vitals())

    host.becomes(lambda: not any(grown().values()), "the return of what the host holds")
    return grown()
