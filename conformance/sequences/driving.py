"""Drive servers through sequences of steps, beside the model that says what must come of each."""

import itertools
import random

from conformance.holdings import growth_of
from conformance.sequences import behaviours
from conformance.visitors import visitor
from harness.checks.verdict import Inconclusive
from harness.running import build
from harness.sequences import VISITS, Account, Model, addressed, drawn, shortened, whole

SHORT = 0.001  # seconds that handle_request() waits when nobody is there
LENGTHS = (8, 16)  # of the sequences
LABELS = itertools.count(1)
GATES = ("one", "two")  # one for each server of a host
OVERRIDES = (
    "verify_request",
    "handle_error",
    "handle_timeout",
    "service_actions",
    "perform",
    "handle_within",
    "serve_on",
)


SETTLING_IN = ("polite", "serve", "shutdown", "close")  # after these steps there is what is made for good


class Drive:
    """One server in a host, and the model of it.

    gate: where its handlers are held.  ends: whether the clients look for the ends of their connections.
    missing: what did not come of the step that was taken last.
    """

    def __init__(self, host, server_class, gate, *, ends):
        self.model = Model(concurrent=server_class.concurrency != "none")
        self.missing = None
        self._host, self._class, self._gate, self._ends = host, server_class, gate, ends
        self._label = next(LABELS)
        self._loops = 0
        self._clients = []
        self._ended = set()
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
        expected = self._expected(idle_loop=word == "serve" and alone)
        self.missing = next((what for what, comes in expected if not comes()), None)
        return self.missing is None

    def _act(self, word):
        if word in VISITS:
            said = b"%d %s\n" % (len(self.model.kinds), word.encode())
            self._clients.append(visitor(self._server, self._class, said))
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
        """Yield what there must be of this server by now, in words, and what waits for it and tells whether it came."""
        if idle_loop:
            # Only then a shutdown() is meant for this loop.
            yield "a turn of the loop", self._event("loop.turn", 1, loop=self._loops)
        account = self.model.account
        begun, done = set(account.begun), set(account.closed)
        yield "a visit that was taken in", self._event("visit.take", len(account.taken))
        yield "the beginning of a handler", self._event("visit.begin", len(begun))
        yield "the end of a handler", self._event("visit.end", len(begun & done))
        for method, endings in account.ended.items():
            yield f"the end of {method}()", self._event("call.end", len(endings), method=method)
        for number in sorted(done - self._ended) if self._ends else ():
            yield f"the end of the connection of visit {number}", lambda number=number: self._ends_for(number)

    def _event(self, kind, count, **details):
        return lambda: not count or self._host.comes(kind, count, server=self._label, **details)

    def _ends_for(self, number):
        if self._clients[number].try_reading_all() is None:
            return False
        self._ended.add(number)
        return True

    def account(self):
        """Return what really came of it all."""
        events = [event for event in self._host.history() if event.details.get("server") == self._label]
        taken, begun = (
            [event.details["number"] for event in events if event.kind == kind]
            for kind in ("visit.take", "visit.begin")
        )
        timeouts = sum(event.kind == "nobody" for event in events)
        account = Account(taken, begun, sorted(self._ended), timeouts=timeouts)
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

    view: the part of an account that is judged.  of_order: whether it is the order in which visits were taken.
    ends: whether it needs the ends of connections.  tidy: whether the host may hold no more in the end than before.
    The same host is used again as long as all is well.  taken: all steps that were taken.  stuck: why a sequence, in
    which nothing that is judged was wrong, could not be taken to its end; None if all could.
    """

    def __init__(self, fresh_host, server_class, view, *, servers=1, of_order=False, ends=False, tidy=False):
        self._fresh_host, self._class, self._view = fresh_host, server_class, view
        self._gates, self._of_order, self._ends, self._tidy = GATES[:servers], of_order, ends, tidy
        self._host = None
        self.taken = set()
        self.stuck = None

    def models(self):
        """Return a model for each server, as it is before the first step."""
        return [Model(concurrent=self._class.concurrency != "none") for _ in self._gates]

    def failure(self, steps):
        """Return the steps up to the one that went wrong, what was expected and what was seen; None if all was well."""
        host = self._host = self._host or self._new_host()
        before = host.vitals() if self._tidy else None
        drives = self._drives(host)
        steps, missing = self._take(steps, drives)
        grown = growth_of(host, before) if self._tidy else {}
        accounts = [drive.account() for drive in drives]
        expected = [self._view(drive.model.account) for drive in drives]
        seen = [self._view(account) for account in accounts]
        if seen == expected and not any(grown.values()):
            self._get_stuck(steps, missing)
            return None
        self._host = None
        if not self._of_order and any(account.taken != sorted(account.taken) for account in accounts):
            self._get_stuck(steps, "visits in the order in which they came: nobody knows what must come of them")
            return None
        return (steps, (expected, dict.fromkeys(grown, 0)), (seen, grown)) if grown else (steps, expected, seen)

    def _new_host(self):
        host = self._fresh_host()
        if self._tidy:
            [drive] = self._drives(host)[:1]
            self._take(SETTLING_IN, [drive])
        return host

    def _drives(self, host):
        return [Drive(host, self._class, gate, ends=self._ends) for gate in self._gates]

    def _get_stuck(self, steps, missing):
        if missing is not None:
            self._host = None
            self.stuck = self.stuck or f"after {', '.join(steps)} there was not {missing}"

    def _take(self, steps, drives):
        """Take what makes sense of *steps*, until something is missing; return what was taken, and what is missing."""
        planned = whole(steps, [Model(concurrent=drive.model.concurrent) for drive in drives])
        for position, step in enumerate(planned, 1):
            which, word = addressed(step)
            self.taken.add(step)
            if not drives[which].take(word):
                return planned[:position], drives[which].missing
        return planned, None

    def shortest(self, failure, trials):
        """Return a failure in as few steps as can be found in so many trials."""
        found = [failure]

        def fails(steps):
            another = self.failure(steps)
            found.extend([another] if another else [])
            return another is not None

        shortened(failure[0], fails, trials)
        return min(found, key=lambda each: len(each[0]))


def departure(explorer, alphabet, numbers_of_all, trials):
    """Return, line by line, the steps of a sequence in which something is not as it must be; [] if all is well.

    Inconclusive if a sequence could not be taken to its end for something that is not judged, or if some step of the
    alphabet was never taken.
    """
    for numbers in numbers_of_all:
        steps = list(drawn(numbers, alphabet, explorer.models()))
        if failure := explorer.failure(steps):
            taken, expected, seen = explorer.shortest(failure, trials)
            return [*taken, f"expected: {expected}", f"seen: {seen}"]
    if explorer.stuck:
        raise Inconclusive(explorer.stuck)
    if missing := set(alphabet) - explorer.taken:
        raise Inconclusive(f"no sequence had these steps: {', '.join(sorted(missing))}")
    return []
