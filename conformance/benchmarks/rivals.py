"""What stands beside the candidates: a bare loop, and what one would take instead of any server class."""

from harness.measuring.rows import Rival

_BEHAVIOURS = "conformance.benchmarks.behaviours"
EVERY = ("none", "threads", "processes")

FLOOR = Rival("floor", "floor", f"{_BEHAVIOURS}.floor", None, EVERY)
ASYNCIO = Rival("asyncio", "alternative", f"{_BEHAVIOURS}.asyncio_servers", None, ("threads",))
GEVENT = Rival("gevent", "alternative", f"{_BEHAVIOURS}.gevent_servers", "gevent", ("threads",))

RIVALS = (FLOOR, ASYNCIO, GEVENT)
ALL = tuple(each.name for each in RIVALS)
