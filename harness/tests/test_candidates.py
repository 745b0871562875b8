"""From ``--impl`` to a candidate: what texts mean, and one line for whatever is wrong."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from harness import interpreters
from harness.candidates import (
    CandidateError,
    from_json,
    interpreter_command,
    load_settings,
    resolve,
    resolve_all,
)
from harness.host import loading

HOSTILE = Path(__file__).with_name("hostile")
SERVER = "from socketserver import TCPServer\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return an empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(text, **options):
    """Return the one line of the CandidateError that *text* causes, without the text itself."""
    with pytest.raises(CandidateError) as caught:
        resolve(text, **options)
    before, separator, line = str(caught.value).partition(f"--impl={text}: ")
    assert (before, bool(separator)) == ("", True)
    return line


@pytest.mark.parametrize("interpreter", interpreters.installed(), ids=str)
def test_every_interpreter_can_load_a_candidate(interpreter):
    candidate = resolve(f"stdlib@{interpreter.executable}")

    facts = candidate.facts
    assert facts.version == ".".join(map(str, interpreter.version))
    assert facts.pair == ".".join(map(str, interpreter.version[:2]))
    assert facts.implementation == {"cpython": "CPython", "pypy": "PyPy"}[interpreter.implementation]
    assert facts.gil is not interpreter.free_threaded
    assert (facts.threads_before, facts.threads) == (1, 1)
    assert "ThreadingTCPServer" in facts.classes
    assert candidate.site is False


@pytest.mark.parametrize("interpreter", interpreters.installed(), ids=str)
def test_loading_imports_nothing_that_a_candidate_may_have_to_patch(interpreter):
    candidate = resolve(f"stdlib@{interpreter.executable}")
    bootstrap = "print(sorted({'threading', 'socket', 'select', 'selectors'} & set(sys.modules)))"

    assert output_of(candidate, bootstrap) == "[]"


def test_known_names_say_where_their_deviations_are():
    candidate = resolve("stdlib")

    assert (candidate.name, candidate.kind, candidate.target) == (
        "stdlib",
        "module",
        "socketserver",
    )
    assert Path(str(candidate.deviations)).name == "stdlib.toml"
    assert Path(str(candidate.deviations)).is_file()


def test_a_candidate_survives_the_way_through_json():
    candidate = resolve("stdlib")

    assert from_json(json.loads(json.dumps(candidate.to_json()))) == candidate


def test_a_file_is_loaded_with_what_lies_beside_it(folder):
    folder.joinpath("mine.py").write_text("from beside import TCPServer\n")
    folder.joinpath("beside.py").write_text(SERVER)

    candidate = resolve("./mine.py")

    assert (candidate.name, candidate.kind) == ("./mine.py", "file")
    assert candidate.facts.file == str(folder / "mine.py")
    assert candidate.deviations == str(folder / "mine.deviations.toml")
    assert candidate.site is False


def test_a_file_named_like_a_standard_module_hides_nothing(folder):
    source = "import socketserver\nclass TCPServer(socketserver.TCPServer): name = __name__\n"
    folder.joinpath("socketserver.py").write_text(source)
    candidate = resolve("socketserver.py")
    show = "print(loading.load(json.loads(arguments[0])).TCPServer.name, 'selectors' in sys.modules)"

    settings = json.dumps(load_settings(candidate))

    assert output_of(candidate, show, settings) == "candidate_socketserver True"


def test_a_package_folder_is_loaded_with_its_modules(folder):
    folder.joinpath("mine").mkdir()
    folder.joinpath("mine", "__init__.py").write_text("from .base import TCPServer\n")
    folder.joinpath("mine", "base.py").write_text(SERVER + "import mine\n")

    candidate = resolve("./mine")

    assert candidate.kind == "package"
    assert candidate.deviations == str(folder / "mine.deviations.toml")


def test_a_dotted_module_is_looked_for_in_the_current_folder(folder):
    folder.joinpath("some").mkdir()
    folder.joinpath("some", "where.py").write_text(SERVER)

    assert resolve("some.where").facts.file == str(folder / "some" / "where.py")


def test_site_packages_are_there_only_for_those_who_need_them(folder):
    folder.joinpath("mine.py").write_text("import psutil\n" + SERVER)

    assert resolve("./mine.py").site is True


def test_what_comes_before_the_import_is_called_before_it(folder):
    folder.joinpath("first.py").write_text("import os\ndef prepare():\n    os.READY = True\n")
    folder.joinpath("mine.py").write_text("import os\nos.READY\n" + SERVER)

    assert resolve("./mine.py", before="first:prepare").before == "first:prepare"
    assert complaint("./mine.py").startswith("AttributeError in mine.py, line 2: ")
    assert complaint("./mine.py", before="first") == "before=first: module:callable was expected"


def test_an_at_sign_in_an_existing_path_is_no_separator(folder):
    folder.joinpath("at@home").mkdir()
    folder.joinpath("at@home", "mine.py").write_text(SERVER)

    assert resolve("at@home/mine.py").kind == "file"


@pytest.mark.parametrize("interpreter", interpreters.installed(), ids=str)
def test_the_root_of_the_project_is_not_importable(interpreter):
    candidate = resolve(f"stdlib@{interpreter.executable}")
    bootstrap = (
        "import importlib.util as util\n"
        "from harness.host import loading as again\n"
        "print([util.find_spec(name) is not None for name in ('harness', 'reports')],"
        " loading.ROOT in sys.path, again is loading)"
    )

    assert output_of(candidate, bootstrap) == "[True, False] False True"


def test_a_package_of_the_project_is_importable_on_request(folder, monkeypatch):
    folder.joinpath("ours").mkdir()
    folder.joinpath("ours", "__init__.py").write_text(SERVER)
    monkeypatch.setattr(loading, "ROOT", str(folder))
    monkeypatch.setattr("sys.meta_path", list(sys.meta_path))

    module = loading.load({"kind": "own", "target": "ours", "paths": [], "before": None})

    assert loading.facts(module, loading.counts())["classes"] == ["TCPServer"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("./x.py", "there is no such file"),
        ("no.such", "No module named 'no'"),
        ("stdlib@", "nothing behind the @; a version, a command or a path was expected"),
        ("", "no candidate; a known name, a module or a path was expected"),
        ("@3.8", "no candidate; a known name, a module or a path was expected"),
        (
            "a-b",
            "neither a known name (stdlib, reference_impl, gevent, eventlet, future), a module nor a path",
        ),
        ("./", "a folder without __init__.py is no module"),
        ("./notes.txt", "ImportError: not a Python module: its name should end in .py"),
    ],
)
def test_texts_that_mean_nothing_are_named(folder, text, line):
    folder.joinpath("notes.txt").write_text("")

    assert complaint(text) == line


def test_a_missing_interpreter_is_named_with_those_that_are_there():
    found = ", ".join(map(str, interpreters.installed()))

    assert complaint("stdlib@3.99") == f"no interpreter 3.99 is installed; found: {found}"


def test_a_candidate_given_twice_is_refused():
    with pytest.raises(CandidateError) as caught:
        resolve_all(["stdlib", "stdlib"])
    assert str(caught.value) == "--impl=stdlib is given 2 times; once was expected"


def test_several_candidates_keep_their_order():
    found = resolve_all(["socketserver", "stdlib"])

    assert [candidate.name for candidate in found] == ["socketserver", "stdlib"]


def test_a_pattern_stands_for_each_file_that_it_matches(folder):
    for name in ("b.py", "a.py", "__init__.py", "c.txt"):
        folder.joinpath(name).write_text(SERVER)

    found = resolve_all(["./*.py"])

    assert [candidate.name for candidate in found] == ["./a.py", "./b.py"]
    with pytest.raises(CandidateError) as caught:
        resolve_all(["./*.pyx"])
    assert str(caught.value) == "--impl=./*.pyx: no file matches"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("exits", "importing it ended the process with exit code 3"),
        (
            "exits_with_words",
            "importing it ended the process with exit code 0; its last words: no licence found",
        ),
        ("kills_itself", "importing it killed the process with SIGKILL"),
        ("calls_sys_exit", "SystemExit in calls_sys_exit.py, line 5: not today"),
        ("raises", "Surprise in raises.py, line 8: first line"),
        ("raises_unprintable", "UnprintableError in raises_unprintable.py, line 11"),
        ("is_interrupted", "KeyboardInterrupt in is_interrupted.py, line 3"),
        ("closes_descriptors", "importing it closed descriptors that it had not opened"),
        (
            "is_no_candidate",
            "has neither BaseServer nor TCPServer; a module with socketserver's interface was expected",
        ),
    ],
)
def test_whatever_an_import_does_ends_with_one_line(monkeypatch, name, line):
    monkeypatch.chdir(HOSTILE)

    assert complaint(f"./{name}.py") == line


def test_an_import_that_hangs_ends_at_the_deadline(monkeypatch):
    monkeypatch.chdir(HOSTILE)

    line = "importing it did not finish within 0.2 s"
    assert complaint("./hangs.py", deadline=0.2) == line


def test_a_syntax_error_is_named_with_its_line(folder):
    folder.joinpath("x.py").write_text("import os\n\ndef broken(:\n    pass\n")

    assert complaint("./x.py") == "SyntaxError in x.py, line 3: invalid syntax"


def test_a_missing_module_is_named_with_the_line_that_wants_it(folder):
    folder.joinpath("x.py").write_text("import os\nimport no_such_module_anywhere\n")

    expected = "ModuleNotFoundError in x.py, line 2: No module named 'no_such_module_anywhere'"
    assert complaint("./x.py") == expected


def test_an_error_below_the_candidate_is_blamed_on_the_candidates_line(folder):
    folder.joinpath("x.py").write_text("import json\n\njson.loads('{')\n")

    assert complaint("./x.py").startswith("JSONDecodeError in x.py, line 3: ")


def test_a_million_lines_do_not_disturb(monkeypatch):
    monkeypatch.chdir(HOSTILE)

    assert resolve("./chatters.py").facts.classes == ("TCPServer",)


def test_a_child_that_comes_back_twice_reports_once(monkeypatch):
    monkeypatch.chdir(HOSTILE)

    assert resolve("./comes_back_twice.py").facts.classes == ("TCPServer",)


def test_a_child_that_stays_is_killed(folder):
    shutil.copy(HOSTILE / "leaves_a_child.py", folder)

    assert resolve("./leaves_a_child.py").facts.classes == ("TCPServer",)

    pid = int(folder.joinpath("leaves_a_child.pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_a_process_that_hangs_leaves_nothing_behind(folder):
    source = "import os\nopen('here.pid', 'w').write(str(os.getpid()))\n"
    hang = "import threading\nthreading.Event().wait()\n"
    folder.joinpath("x.py").write_text(source + hang)

    complaint("./x.py", deadline=0.3)

    if os.path.exists("here.pid"):  # it may not even have started
        assert not psutil.pid_exists(int(folder.joinpath("here.pid").read_text()))


def output_of(candidate, bootstrap, *arguments):
    """Return what *bootstrap* prints in the candidate's interpreter."""
    command = interpreter_command(candidate, bootstrap, *arguments)
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
