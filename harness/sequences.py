"""What must come of a sequence of steps: a model of one server and its visitors, pure and without any socket.

A step is a word.  A visit says what becomes of it (``polite``, ``failing``, ``held``, ``refused``, or ``quitting``: its
handler raises SystemExit); the others are what the server's owner does.  Visits have numbers, in the order in which
they came.  A step of the second of two servers is written ``second serve``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

VISITS = ("polite", "failing", "held", "refused", "quitting")
MOST_WAITING = 4  # the backlog of a listening socket has been 5 for a long time
MOST_AT_WORK = 4
SECOND = "second "


@dataclass
class Account:
    """What befell the visits of a server, and how the calls of its owner ended.

    taken, begun, closed: the numbers of the visits that were verified, that got a handler, that were closed.
    timeouts: calls of handle_timeout().  ended: for each method how its calls ended, ``returned`` or the exception.
    """

    taken: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    timeouts: int = 0
    ended: dict[str, list[str]] = field(default_factory=dict)

    def end(self, method: str, how: str = "returned") -> None:
        """Note that a call has ended."""
        self.ended.setdefault(method, []).append(how)


class Model:
    """A server that does as it must: with *concurrent*, one that handles requests in threads or processes.

    phase: ``idle``, ``serving`` for ever, ``handling`` one request, or ``closed``.  waiting: the visits that were not
    taken yet.  at_work: those that are held.  kinds: the word of each visit.  account: what came of all.
    """

    def __init__(self, *, concurrent: bool) -> None:
        self.concurrent = concurrent
        self.phase = "idle"
        self.waiting: list[int] = []
        self.at_work: list[int] = []
        self.kinds: list[str] = []
        self.account = Account()

    def allows(self, word: str) -> bool:
        """Tell whether a step makes sense now."""
        if word in VISITS:
            room = len(self.waiting) < MOST_WAITING and len(self.at_work) < MOST_AT_WORK
            return room and self.phase != "closed"
        waits_for_handler = bool(self.at_work) and not self.concurrent
        return {
            "serve": self.phase == "idle",
            "handle": self.phase == "idle",
            "shutdown": self.phase == "serving" and not waits_for_handler,
            "shutdown again": self.phase == "idle" and "serve_forever" in self.account.ended,
            "interrupt": self.phase == "serving" and waits_for_handler,
            "release": bool(self.at_work),
            "close": self.phase == "idle" and not self.at_work,
            "renew": self.phase == "closed",
        }[word]

    def take(self, word: str) -> None:
        """Take a step that makes sense now."""
        if word in VISITS:
            self.waiting.append(len(self.kinds))
            self.kinds.append(word)
            self._serve_on()
        else:
            getattr(self, "_" + word.replace(" ", "_"))()

    def _serve(self) -> None:
        self.phase = "serving"
        self._serve_on()

    def _serve_on(self) -> None:
        while self.phase == "serving" and self.waiting and (self.concurrent or not self.at_work):
            self._take_next("serve_forever")

    def _handle(self) -> None:
        if not self.waiting:
            self.account.timeouts += 1
            self.account.end("handle_request")
            return
        self.phase = "handling"
        self._take_next("handle_request")
        if self.phase == "handling" and (self.concurrent or not self.at_work):
            self._return_from("handle_request")

    def _take_next(self, method: str) -> None:
        """Let the visit that has waited longest go its way, in a call of *method*."""
        number = self.waiting.pop(0)
        kind = self.kinds[number]
        self.account.taken.append(number)
        if kind != "refused":
            self.account.begun.append(number)
        if kind == "held":
            self.at_work.append(number)
            return
        self.account.closed.append(number)
        if kind == "quitting" and not self.concurrent:
            self._return_from(method, "SystemExit")

    def _return_from(self, method: str, how: str = "returned") -> None:
        self.phase = "idle"
        self.account.end(method, how)

    def _release(self) -> None:
        self._finish_those_at_work()
        if self.phase == "handling":
            self._return_from("handle_request")
        self._serve_on()

    def _finish_those_at_work(self) -> None:
        self.account.closed += self.at_work
        self.at_work = []

    def _shutdown(self) -> None:
        self._return_from("serve_forever")
        self.account.end("shutdown")

    def _shutdown_again(self) -> None:
        self.account.end("shutdown")

    def _interrupt(self) -> None:
        """Shut down while a handler is held, and then let it go: whoever waits goes on waiting."""
        self._finish_those_at_work()
        self._shutdown()

    def _close(self) -> None:
        self.phase = "closed"
        self.waiting = []
        self.account.end("server_close")

    def _renew(self) -> None:
        self.phase = "idle"


def addressed(step: str) -> tuple[int, str]:
    """Return which server a step is for, 0 or 1, and its word."""
    return (1, step.removeprefix(SECOND)) if step.startswith(SECOND) else (0, step)


def of_second(steps: Iterable[str]) -> tuple[str, ...]:
    """Return these steps as those of the second server."""
    return tuple(SECOND + step for step in steps)


def drawn(numbers: Iterable[int], alphabet: Sequence[str], models: Sequence[Model]) -> Iterator[str]:
    """Yield, taking it, for each number one of those steps of *alphabet* that make sense when its turn comes."""
    for number in numbers:
        sensible = [step for step in alphabet if _makes_sense(step, models)]
        if sensible:
            step = sensible[number % len(sensible)]
            which, word = addressed(step)
            models[which].take(word)
            yield step


def _makes_sense(step: str, models: Sequence[Model]) -> bool:
    which, word = addressed(step)
    return models[which].allows(word)


def feasible(steps: Iterable[str], models: Sequence[Model]) -> Iterator[str]:
    """Yield, taking them, those of *steps* that make sense when their turn comes."""
    for step in steps:
        if _makes_sense(step, models):
            which, word = addressed(step)
            models[which].take(word)
            yield step


def finishing(model: Model) -> Iterator[str]:
    """Yield, taking them, the steps after which nobody waits, a newcomer has been served, and the server is closed."""
    if model.phase == "closed":
        return
    for word in chain(_settling(model), ("polite", "serve", "shutdown", "close")):
        if model.allows(word):
            model.take(word)
            yield word


def _settling(model: Model) -> Iterator[str]:
    while True:
        if model.at_work:
            yield "release"
        elif model.phase == "serving":
            yield "shutdown"
        elif model.waiting:
            yield "serve"
        else:
            return


def whole(steps: Iterable[str], models: Sequence[Model]) -> list[str]:
    """Return what is feasible of *steps* and then finishes with all servers, taking it in their *models*."""
    taken = list(feasible(steps, models))
    for which, model in enumerate(models):
        taken += of_second(finishing(model)) if which else finishing(model)
    return taken


def shortened(steps: Sequence[str], fails: Callable[[Sequence[str]], bool], most: int) -> list[str]:
    """Return what is left of *steps* when those without which it fails as well are left out, in *most* trials."""
    short = list(steps)
    position = len(short) - 1
    for _ in range(most):
        if position < 0:
            break
        without = short[:position] + short[position + 1 :]
        if fails(without):
            short = without
        position -= 1
    return short
