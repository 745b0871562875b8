"""Where pytest meets the harness: options, fixtures, verdicts, run record.

In a run with xdist the controller resolves the candidates and writes the record; the workers make the checks and send
each as part of its report.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from harness import (
    benchmarking,
    choosing,
    commands,
    hostility,
    independence,
    judging,
    machine,
    marks,
    options,
    preflight,
    processes,
    reporting,
    run,
    running,
    showing,
    smoke,
)
from harness.benchmarking import scene
from harness.candidates import Candidate
from harness.checks.verdict import Violation
from harness.deadlines import Deadline
from harness.defects import Defect
from harness.hosts import DEAF, Host
from harness.judging import Comparison, Evidence
from harness.outcomes import HarnessError, HostDied, LeftBehind, Missing
from harness.run import RUN, Run
from harness.running import RunningServer
from harness.verdicts import Verdict, fails_run

__all__ = ["scene"]  # a fixture of its own module

COMPARISON = pytest.StashKey[Comparison | None]()
HARNESS = Path(__file__).resolve().parent
HOSTS = pytest.StashKey[list[Host]]()
EVIDENCE = pytest.StashKey[Evidence]()

Reported = Generator[None, pytest.TestReport, pytest.TestReport]

settings.register_profile(
    "conformance",
    derandomize=True,
    deadline=None,  # the harness has one deadline for a whole check
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.register_profile("exploration", settings.get_profile("conformance"), derandomize=False)


# -- before the first test ---------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    options.add(parser)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Generator[None]:
    """End the run with one line where no temporary file can be written: pytest, which needs some, shows a traceback."""
    try:
        machine.check_room()
    except HarnessError as error:
        sys.stderr.write(f"harness error: {error}\n")
        raise SystemExit(int(pytest.ExitCode.INTERNAL_ERROR)) from None
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Settle all options early: a mistake ends the run before anything is collected."""
    options.settle_seed(config)
    config.addinivalue_line("markers", "requirement(id): the one requirement that a test checks")
    config.addinivalue_line("markers", "scenario(name, ...): what a benchmark measures")
    settings.load_profile("exploration" if config.getoption("explore") else "conformance")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(reporting.Reporting(config), "socketserver-reporting")
    benchmarking.configure(config)
    if choosing.is_asked_for(config):
        the_run(config)
        choosing.configure(config)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Collect either checks or benchmarks."""
    return benchmarking.ignores(collection_path, config)


def the_run(config: pytest.Config) -> Run:
    """Return what this run is about; set up when first asked for."""
    if RUN not in config.stash:
        processes.become_subreaper()
        config.stash[RUN] = found = run.set_up(config)
        config.add_cleanup(found.close)
        if config.getoption("defects") == "others":
            independence.register(config)
        if config.getoption("defects") == "hostile":
            hostility.register(config)
        if not hasattr(config, "workerinput"):
            _preflight(config, found)
            if not config.getoption("defects") and not benchmarking.is_asked_for(config):
                _smoke(config, found)
    return config.stash[RUN]


def _preflight(config: pytest.Config, found: Run) -> None:
    proven = set()
    for candidate in found.candidates:
        if candidate.interpreter not in proven:
            try:
                preflight.check(candidate, fresh=config.getoption("fresh"))
            except HarnessError as error:
                pytest.exit(f"harness error: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR)
            proven.add(candidate.interpreter)


def _smoke(config: pytest.Config, found: Run) -> None:
    for candidate in found.candidates:
        wrong = smoke.check(candidate, fresh=config.getoption("fresh"))
        if wrong is not None:
            pytest.exit(wrong, returncode=pytest.ExitCode.TESTS_FAILED)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Hand the resolved candidates to an xdist worker."""
    node.workerinput["seed"] = node.config.getoption("seed")
    if RUN in node.config.stash:
        node.workerinput["candidates"] = [each.to_json() for each in the_run(node.config).candidates]
        node.workerinput["twists"] = node.config.stash.get(hostility.SERVING, None)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say what is judged, and by what."""
    if RUN not in config.stash:
        return []
    return [
        f"candidate: {each.name} ({each.facts.implementation} {each.facts.version},"
        f" contract {config.stash[RUN].contracts[each.name]}, seed {config.getoption('seed')})"
        for each in config.stash[RUN].candidates
    ]


# -- which checks ------------------------------------------------------------------------------------------------------


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test of a requirement once for each candidate and, on request, once for each of its defects."""
    requirement = choosing.about(metafunc.definition)
    if requirement is None:
        return
    found = the_run(metafunc.config)
    if requirement not in found.catalogue:
        return  # it is refused when all is collected
    metafunc.parametrize("candidate", found.candidates, ids=[each.name for each in found.candidates])
    if metafunc.config.getoption("defects") == "own":
        chosen = [each for each in found.defects if each.breaks == requirement]
        metafunc.parametrize("defect", chosen, ids=[each.name for each in chosen])


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let -k find a check by its requirement's id, and a benchmark by its scenario: that is what a user is told."""
    item.extra_keyword_matches.update(filter(None, (choosing.about(item, mark) for mark in choosing.MARKS)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not in force for a candidate, and refuse requirements that the catalogue does not know."""
    known = config.stash[RUN].catalogue if RUN in config.stash else ()
    unknown = sorted({choosing.about(item) for item in items} - {None, *known}, key=str)
    if unknown:
        choosing.refuse(items, f"no requirement of the catalogue: {', '.join(map(repr, unknown))}")
    out = [item for item in items if choosing.about(item) and _is_left_out(config.stash[RUN], item)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in set(out)]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Let a worker of xdist, which cannot end the run, leave the one line of a mistake to the controller."""
    try:
        return (yield)
    except pytest.UsageError as error:
        getattr(session.config, "workeroutput", {})["mistake"] = "\n".join(map(str, error.args))
        raise


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """End the run with the one line that a worker of xdist has left."""
    mistake = getattr(node, "workeroutput", {}).get("mistake")
    if mistake:
        raise pytest.UsageError(mistake)


def _is_left_out(found: Run, item: pytest.Item) -> bool:
    assert isinstance(item, pytest.Function)
    parameters = item.callspec.params
    candidate = parameters.get("candidate")
    if not isinstance(candidate, Candidate) or not isinstance(parameters.get("defect"), Defect | None):
        return True  # pytest makes one item of an empty set of defects
    if found.left_out(candidate, found.catalogue[str(choosing.about(item))]):
        return True
    return found.is_too_new(parameters.get("server_class"), candidate)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let Hypothesis read now what it reads once: without its cache that takes longer than a check may take."""
    if any(choosing.about(item) for item in session.items):
        _draw_something()


@settings(settings.get_profile("conformance"), max_examples=1)
@given(strategies.text())
def _draw_something(text: str) -> None:
    pass


# -- what a test gets --------------------------------------------------------------------------------------------------


@pytest.fixture
def candidate(request: pytest.FixtureRequest) -> Candidate:
    """The candidate of this check; tests do not look at it."""
    raise HarnessError(f"{request.node.nodeid} names no requirement")


@pytest.fixture
def defect(pytestconfig: pytest.Config) -> Defect | None:
    """The defect that this check runs with; none in an ordinary run."""
    return pytestconfig.stash.get(independence.BROKEN, None)


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of everything that a test draws."""
    return int(pytestconfig.getoption("seed"))


@pytest.fixture
def fresh_host(request: pytest.FixtureRequest, candidate: Candidate, defect: Defect | None) -> Callable[[], Host]:
    """Start a new host; the one before it ends."""
    found = the_run(request.config)
    deadline = Deadline(request.config.getoption("deadline"))
    hosts = request.node.stash.setdefault(HOSTS, [])
    broken = (defect.reference,) if defect else ()

    def start() -> Host:
        _end(hosts)
        host = Host(found.nursery(candidate), deadline, broken)
        hosts.append(host)
        return host

    return start


@pytest.fixture
def host(fresh_host: Callable[[], Host]) -> Host:
    """The process that runs the candidate for this test alone."""
    return fresh_host()


@pytest.fixture
def serve(host: Host) -> Callable[..., RunningServer]:
    """Build a server in the host and let it serve; see `harness.running.build`."""

    def start(server_class: Any, *arguments: Any, **options: Any) -> RunningServer:
        machine.check_support(server_class)
        return running.build(host, getattr(server_class, "name", server_class), *arguments, **options)

    return start


# -- what came of it ---------------------------------------------------------------------------------------------------


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Start nothing for a check of classes that the candidate lacks."""
    if choosing.about(item) is None:
        return
    assert isinstance(item, pytest.Function)
    parameters = item.callspec.params
    candidate = parameters["candidate"]
    assert isinstance(candidate, Candidate)
    lacking = candidate.facts.missing(marks.class_names(parameters.values())) if _defect(item) is None else ()
    if lacking:
        raise Missing(f"the candidate has no {', '.join(lacking)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Run the test, collect the evidence while its hosts still live, and see that they leave nothing behind."""
    if choosing.about(item) is None:
        yield
        return
    hosts: list[Host] = item.stash.get(HOSTS, [])
    item.config.stash[COMPARISON] = None
    try:
        yield
        for host in hosts:
            _survived(host)
    except BaseException as error:
        cause = judging.cause_of(error, hosts)
        evidence = judging.gather(cause, item.config.stash[COMPARISON], hosts)
        item.stash[EVIDENCE] = evidence
        evidence.left_behind = _end_all(hosts)
        if cause is error:
            raise
        raise cause from error
    _leave_nothing(item, hosts)


def _leave_nothing(item: pytest.Item, hosts: list[Host]) -> None:
    ended = list(hosts)
    try:
        _end(hosts)
    except LeftBehind as error:
        item.stash[EVIDENCE] = judging.gather(error, None, ended)
        raise


def _survived(host: Host) -> None:
    history, is_deaf = host.history(), host.is_deaf
    host.check_trust()
    if host.ended and not host.told_to_leave:
        raise HostDied(f"{host.death} although the test had come to its end")
    if is_deaf:
        raise HostDied(f"the host came to the end of the test{DEAF}")
    if history.of("child.returned"):
        raise LeftBehind("a forked child came back into the code that had called the server")


def _end_all(hosts: list[Host]) -> list[str]:
    left = [line for host in hosts for line in host.end()]
    hosts.clear()
    return left


def _end(hosts: list[Host]) -> None:
    left = _end_all(hosts)
    if left:
        raise LeftBehind(f"{len(left)} left behind: {'; '.join(left[:5])}", tuple(left))


def pytest_assertrepr_compare(config: pytest.Config, op: str, left: object, right: object) -> list[str] | None:
    """Remember both sides of a false `==`; show violations as sentences with their events."""
    if op != "==":
        return None
    config.stash[COMPARISON] = Comparison(actual=left, expected=right)
    violations = [each for each in left if isinstance(each, Violation)] if isinstance(left, list) else []
    if not violations:
        return None
    return [f"{len(violations)} violations, the first being:", *str(violations[0]).splitlines()]


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """End the hosts of a test that was never called because its setup failed."""
    _end_all(item.stash.get(HOSTS, []))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Reported:
    """Turn the end of a check into its verdict, and put it into the report that may travel between processes."""
    if choosing.about(item) and call.excinfo and judging.verdict_of(call.excinfo.value) is not Verdict.HARNESS_ERROR:
        call.excinfo.traceback = call.excinfo.traceback.filter(lambda entry: HARNESS not in Path(entry.path).parents)
    report = yield
    if choosing.about(item) and (call.when == "call" or (call.when == "setup" and not report.passed)):
        _judge(item, call, report)
    return report


def _judge(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    assert isinstance(item, pytest.Function)
    candidate = item.callspec.params["candidate"]
    assert isinstance(candidate, Candidate)
    found = item.config.stash[RUN]
    error = call.excinfo.value if call.excinfo else None
    verdict = judging.verdict_of(error)
    evidence = item.stash.get(EVIDENCE, None)
    if error is not None and evidence is None:
        evidence = judging.gather(error, None, [])
    original, explanation = verdict, ""
    if evidence is not None:
        evidence.fingerprint = judging.fingerprint(item.function.__name__, verdict, evidence)
        if fails_run(verdict) and _defect(item) is None:
            verdict, explanation = found.excuse(candidate, str(choosing.about(item)), verdict, evidence.fingerprint)
    check = {
        "requirement": choosing.about(item),
        "candidate": candidate.name,
        "test": item.nodeid,
        "verdict": str(verdict),
        "found": str(original),
        "declared": explanation or None,
        "seconds": round(call.duration, 4),
        "repeat": commands.repeating(item, candidate.name),
        "evidence": evidence.as_json() if evidence else None,
        "defect": getattr(_defect(item), "name", None),
    }
    report.conformance = check  # type: ignore[attr-defined]  # reports carry what plugins hang on them
    showing.shape(report, check, verdict, explanation, found)


def _defect(item: pytest.Function) -> Defect | None:
    """Return the defect that the check was made with."""
    chosen = item.callspec.params.get("defect")
    return chosen if isinstance(chosen, Defect) else item.config.stash.get(independence.BROKEN, None)
