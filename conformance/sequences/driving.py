"""Drive servers through sequences of steps, beside the model that says what must come of each."""

import itertools
import random
from contextlib import suppress

from conformance.sequences import behaviours
from conformance.visitors import visitor
from harness.checks.verdict import Inconclusive
from harness.hosts import RESTING
from harness.outcomes import Stalled
from harness.running import build
from harness.sequences import VISITS, Account, Model, addressed, drawn, shortened, whole

SHORT = 0.001  # seconds that handle_request() waits when nobody is there
LENGTHS = (8, 16)  # of the sequences
LABELS = itertools.count(1)
GATES = ("one", "two")  # one for each server of a host
OVERRIDES = (
    "verify_request",
    "shutdown_request",
    "handle_error",
    "handle_timeout",
    "service_actions",
    "perform",
    "handle_within",
    "serve_on",
)


class Drive:
    """One server in a host, and the model of it.

    gate: where its handlers are held.
    """

    def __init__(self, host, server_class, gate):
        self.model = Model(concurrent=server_class.concurrency != "none")
        self._host, self._class, self._gate = host, server_class, gate
        self._label = next(LABELS)
        self._loops = 0
        self._build()

    def _build(self):
        members = {name: getattr(behaviours, name) for name in OVERRIDES}
        members.update(label=self._label, gate=self._gate, timeout=None, unseen_loop=None)
        self._server = build(self._host, self._class.name, behaviours.do_as_said, loop=False, **members)

    def take(self, word):
        """Take a step; tell whether everything came that must come of it."""
        alone = not self.model.waiting
        self._act(word)
        self.model.take(word)
        return all(self._comes(*expected) for expected in self._expected(idle_loop=word == "serve" and alone))

    def _act(self, word):
        if word in VISITS:
            visitor(self._server, self._class, b"%d %s\n" % (len(self.model.kinds), word.encode()))
        elif word == "renew":
            self._build()
        elif word == "handle":
            self._server.start("handle_within", None if self.model.waiting else SHORT)
        elif word == "release":
            self._server.release(self._gate, len(self.model.at_work))
        elif word == "interrupt":
            self._server.start("perform", "shutdown").allow_to_return()
            self._server.release(self._gate, len(self.model.at_work))
        elif word == "serve":
            self._loops += 1
            self._server.start("serve_on", self._loops)
        else:
            self._server.start("perform", "server_close" if word == "close" else "shutdown")

    def _expected(self, *, idle_loop):
        """Yield which events there must be of this server by now, and how many of each."""
        if idle_loop:
            yield "loop.turn", 1, {"loop": self._loops}  # only then a shutdown() is meant for this loop
        account = self.model.account
        yield "visit.begin", len(account.begun), {}
        yield "visit.close", len(account.closed), {}
        for method, endings in account.ended.items():
            yield "call.end", len(endings), {"method": method}

    def _comes(self, kind, count, details):
        return not count or self._host.comes(kind, count, server=self._label, **details)

    def account(self):
        """Return what really came of it all."""
        events = [event for event in self._host.history() if event.details.get("server") == self._label]
        numbers = {
            kind: [event.details["number"] for event in events if event.kind == kind]
            for kind in ("visit.take", "visit.begin", "visit.close")
        }
        account = Account(*numbers.values(), timeouts=sum(event.kind == "nobody" for event in events))
        for event in events:
            if event.kind == "call.end":
                account.end(event.details["method"], event.details["how"])
        return account


def draws(seed, count):
    """Return *count* lists of numbers, the same for the same seed, whatever else runs."""
    return [_draw(random.Random(f"{seed} {number}")) for number in range(count)]  # noqa: S311 - it is to be repeatable


def _draw(source):
    return [source.randrange(1000) for _ in range(source.randint(*LENGTHS))]


class Explorer:
    """Takes sequences of steps in hosts, with one server or two of a class, and looks whether all was as it must be.

    view: the part of an account that is judged.  tidy: whether the host must hold in the end what it held before.
    The same host is used again as long as all is well.  taken: all steps that were taken.
    """

    def __init__(self, fresh_host, server_class, view, *, servers=1, tidy=False):
        self._fresh_host, self._class, self._view = fresh_host, server_class, view
        self._gates, self._tidy = GATES[:servers], tidy
        self._host = None
        self.taken = set()

    def models(self):
        """Return a model for each server, as it is before the first step."""
        return [Model(concurrent=self._class.concurrency != "none") for _ in self._gates]

    def failure(self, steps):
        """Return the steps up to the one that went wrong, what was expected and what was seen; None if all was well."""
        host = self._host = self._host or self._fresh_host()
        before = held_by(host) if self._tidy else None
        drives = [Drive(host, self._class, gate) for gate in self._gates]
        steps = self._take(steps, drives)
        expected = [self._view(drive.model.account) for drive in drives], before
        seen = [self._view(drive.account()) for drive in drives], held_again(host, before) if self._tidy else None
        if seen == expected:
            return None
        self._host = None
        return steps, expected, seen

    def _take(self, steps, drives):
        """Take what makes sense of *steps*, until something goes wrong; return what was taken."""
        planned = whole(steps, self.models())
        for position, step in enumerate(planned, 1):
            which, word = addressed(step)
            self.taken.add(step)
            if not drives[which].take(word):
                return planned[:position]
        return planned

    def shortest(self, failure, trials):
        """Return a failure in as few steps as can be found in so many trials."""
        found = [failure]

        def fails(steps):
            another = self.failure(steps)
            found.extend([another] if another else [])
            return another is not None

        shortened(failure[0], fails, trials)
        return min(found, key=lambda each: len(each[0]))


def held_by(host):
    """Return how much the host holds."""
    vitals = host.vitals()
    return vitals.threads, len(vitals.descriptors), len(vitals.children), len(vitals.zombies)


def held_again(host, before):
    """Return what the host holds when that is what it held *before*, or when it rests."""
    with suppress(Stalled):
        host.wait_until(lambda: held_by(host) == before, "threads and descriptors given back", host.watch(*RESTING))
    return held_by(host)


def departure(explorer, alphabet, numbers_of_all, trials):
    """Return, line by line, the steps of a sequence in which something is not as it must be; [] if all is well.

    Inconclusive if some step of the alphabet was never taken.
    """
    for numbers in numbers_of_all:
        steps = list(drawn(numbers, alphabet, explorer.models()))
        if failure := explorer.failure(steps):
            taken, expected, seen = explorer.shortest(failure, trials)
            return [*taken, f"expected: {expected}", f"seen: {seen}"]
    if missing := set(alphabet) - explorer.taken:
        raise Inconclusive(f"no sequence had these steps: {', '.join(sorted(missing))}")
    return []
