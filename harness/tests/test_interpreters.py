"""What may stand behind the ``@``: versions, commands and paths."""

import sys

import pytest
from findpython.providers import ALL_PROVIDERS

from harness import interpreters
from harness.interpreters import CandidateError, Interpreter, ask, find, installed


@pytest.fixture
def scene(tmp_path, monkeypatch):
    """Return a folder that is the current one and comes first on PATH."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    ask.cache_clear()
    yield tmp_path
    ask.cache_clear()


def make_executable(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def complaint(text):
    with pytest.raises(CandidateError) as caught:
        find(text)
    return str(caught.value)


def test_nothing_behind_the_at_sign_means_the_interpreter_of_this_process():
    assert find(None).executable == sys.executable
    assert find(None).version == sys.version_info[:3]


@pytest.mark.parametrize("one", installed(), ids=str)
def test_each_installed_cpython_is_found_by_its_whole_version(one):
    if one.implementation == "cpython":
        assert str(find(str(one))) == str(one)


def test_the_running_interpreter_is_preferred_if_it_fits():
    pair = f"{sys.version_info[0]}.{sys.version_info[1]}"

    assert find(pair).executable == sys.executable


def test_a_version_means_cpython():
    for one in installed():
        if one.implementation != "cpython":
            version = ".".join(map(str, one.version))
            found = [other for other in installed() if str(other) == version]
            assert found or complaint(version).startswith(f"no interpreter {version} is installed")


@pytest.mark.parametrize(
    ("text", "version", "free_threaded", "fits"),
    [
        ("3.13", (3, 13, 1), False, True),
        ("3.13", (3, 13, 1), True, False),
        ("3.13t", (3, 13, 1), True, True),
        ("3.13t", (3, 13, 1), False, False),
        ("3.13.1", (3, 13, 1), False, True),
        ("3.13.2", (3, 13, 1), False, False),
        ("3.1", (3, 13, 1), False, False),
    ],
)
def test_t_means_free_threaded(monkeypatch, text, version, free_threaded, fits):
    only = Interpreter("/only/python3.13", "cpython", version, free_threaded)
    monkeypatch.setattr(interpreters, "describe", lambda executable: only)
    monkeypatch.setattr(interpreters, "_executables", lambda: ("/only/python3.13",))

    if fits:
        assert find(text) is only
    else:
        assert complaint(text) == f"no interpreter {text} is installed; found: {only}"


def test_the_newest_of_several_is_chosen(monkeypatch):
    versions = {"/a": (3, 5, 9), "/b": (3, 5, 10), "/c": (3, 5, 2)}
    monkeypatch.setattr(interpreters, "OLDEST", (3, 5))
    monkeypatch.setattr(interpreters, "_executables", lambda: tuple(versions))
    monkeypatch.setattr(
        interpreters,
        "describe",
        lambda path: Interpreter(path, "cpython", versions.get(path, (3, 0, 0)), False),
    )

    assert find("3.5").executable == "/b"


def test_a_command_is_looked_for_on_path(scene):
    make_executable(scene / "mypython", f'exec "{sys.executable}" "$@"')

    assert find("mypython").version == sys.version_info[:3]


def test_a_shim_that_does_not_work_is_passed_over(scene):
    command = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    make_executable(scene / command, "echo 'no such version' >&2; exit 127")

    assert find(command).version[:2] == sys.version_info[:2]


def test_paths_are_accepted(scene):
    scene.joinpath("here").symlink_to(sys.executable)

    assert find(sys.executable).executable == sys.executable
    assert find("./here").version == sys.version_info[:3]


def test_a_path_that_leads_nowhere_is_named(scene):
    assert complaint("./nowhere") == "./nowhere: there is no such interpreter"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo hello", "asked what it is it said 'hello'"),
        ("echo first >&2; echo ' no module named encodings' >&2; exit 1", "no module named encodings"),
        ("exit 7", "it ended with exit status 7"),
        ("kill -9 $$", "it ended with exit status -9"),
    ],
)
def test_a_program_that_is_no_interpreter_is_named_with_its_last_words(scene, script, why):
    make_executable(scene / "other", script)

    assert complaint("./other") == f"./other is not a Python interpreter that works: {why}"


def test_what_cannot_be_executed_is_named_with_the_reason(scene):
    scene.joinpath("text").write_text("not a program")

    assert complaint("./text") == "./text is not a Python interpreter that works: Permission denied"


def test_an_interpreter_that_never_answers_is_given_up(scene, monkeypatch):
    monkeypatch.setattr(interpreters, "_PATIENCE", 0.05)
    make_executable(scene / "silent", "exec tail -f /dev/null")

    assert complaint("./silent").endswith("that works: it did not say within 0.05 s what it is")


def test_an_interpreter_that_cannot_run_the_host_is_refused(scene):
    old = scene / "old"
    make_executable(old, f"printf '%s\\n' {old} cpython 2.7.18 False")

    assert complaint("./old") == f"{old} is Python 2.7.18; 3.6 or newer was expected"


def test_places_that_we_may_not_look_into_are_passed_over(monkeypatch):
    class Forbidden:
        create = classmethod(lambda kind: kind())

        def find_pythons(self):
            raise PermissionError(13, "Permission denied", "another home")

    monkeypatch.setattr(interpreters, "ALL_PROVIDERS", {"forbidden": Forbidden, **ALL_PROVIDERS})
    interpreters._executables.cache_clear()
    try:
        assert find(f"{sys.version_info[0]}.{sys.version_info[1]}").version[:2] == sys.version_info[:2]
        assert installed()
    finally:
        interpreters._executables.cache_clear()


def test_what_is_missing_is_named_with_what_is_there():
    expected = f"no interpreter 3.99 is installed; found: {', '.join(map(str, installed()))}"

    assert complaint("3.99") == expected
    assert complaint("no-such-python").startswith("no interpreter no-such-python is installed; ")


def test_names_tell_implementation_and_build():
    assert str(Interpreter("/x", "cpython", (3, 13, 5), True)) == "3.13.5t"
    assert str(Interpreter("/x", "pypy", (3, 9, 16), False)) == "PyPy 3.9.16"
    assert str(Interpreter("/x", "graalpy", (3, 11, 0), False)) == "graalpy 3.11.0"
