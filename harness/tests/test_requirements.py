"""The requirement catalogue: reading, validating, and what is in force."""

from pathlib import Path

import pytest

from harness.requirements import Catalogue, CatalogueError, Requirement, in_force, read_catalogue

JOINS = """
[server-close-joins-threads]
level = "must"
basis = "documented"
says = "server_close() waits for all threads that are no daemons."
source = ["https://docs.python.org/3/library/socketserver.html", "gh-75414"]
since = "3.7"
"""
FORMAT = """
[report-names-the-client]
level = "should"
basis = "de facto"
says = "The report of an error names the client."
programs = "a-program: looks for it"
"""
VALID = {
    "level": '"may"',
    "basis": '"quality"',
    "says": '"It does."',
    "source": '"gh-1"',
}


def write_area(folder: Path, area: str, text: str) -> None:
    (folder / area).mkdir(exist_ok=True)
    (folder / area / "requirements.toml").write_text(text, encoding="utf-8")


def a_requirement(since: str | None = None, until: str | None = None) -> Requirement:
    return Requirement("waiting.for-all", "waiting", "may", "quality", "It.", (), since=since, until=until)


def test_a_catalogue_is_read_with_all_its_areas(tmp_path: Path) -> None:
    write_area(tmp_path, "waiting", JOINS)
    write_area(tmp_path, "request_handlers", FORMAT)

    catalogue = read_catalogue(tmp_path)

    assert catalogue["waiting.server-close-joins-threads"] == Requirement(
        id="waiting.server-close-joins-threads",
        area="waiting",
        level="must",
        basis="documented",
        says="server_close() waits for all threads that are no daemons.",
        sources=("https://docs.python.org/3/library/socketserver.html", "gh-75414"),
        since="3.7",
        until=None,
    )
    assert catalogue["request-handlers.report-names-the-client"].sources == ()
    assert list(catalogue) == [
        "request-handlers.report-names-the-client",
        "waiting.server-close-joins-threads",
    ]
    assert catalogue.areas() == ("request-handlers", "waiting")
    assert len(catalogue) == 2


def test_a_folder_without_requirements_is_no_area(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert len(read_catalogue(tmp_path)) == 0


@pytest.mark.parametrize(
    ("since", "until", "version", "holds"),
    [
        (None, None, "3.6", True),
        ("3.10", None, "3.9", False),
        ("3.9", None, "3.10", True),
        ("3.9", None, "3.9", True),
        ("3.9", None, "3.9.18", True),
        (None, "3.14", "3.14", False),
        (None, "3.14", "3.13", True),
        (None, "3.14", "3.14.1", False),
        ("3.7", "3.9", "3.8", True),
    ],
)
def test_versions_are_compared_as_numbers(since: str | None, until: str | None, version: str, *, holds: bool) -> None:
    requirement = a_requirement(since, until)

    assert in_force(requirement, version) is holds
    assert ("waiting.for-all" in Catalogue([requirement]).in_contract(version)) is holds


def test_a_contract_that_is_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="'newest' is no Python version"):
        in_force(a_requirement(), "newest")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"level": '"shall"'}, "level is 'shall'; expected one of must, should, may"),
        ({"level": None}, "level is None"),
        ({"level": "3"}, "level is 3"),
        ({"basis": '"tradition"'}, "basis is 'tradition'; expected one of documented, de facto"),
        ({"says": None}, "says is None; expected one sentence"),
        ({"says": '"It does"'}, "expected one sentence in one line that ends with '.'"),
        ({"says": '"It does. And more."'}, "expected one sentence"),
        ({"says": r'"It\ndoes."'}, "expected one sentence in one line"),
        ({"source": "3"}, "source is 3; expected text, or a list of texts"),
        ({"source": '[""]'}, "expected text, or a list of texts"),
        ({"level": '"must"', "basis": '"documented"', "source": None}, "it has no source"),
        ({"level": '"must"'}, "a must whose basis is 'quality'; expected 'documented'"),
        ({"basis": '"de facto"'}, "a may whose basis is 'de facto'; expected 'quality' or 'open'"),
        ({"level": '"should"', "basis": '"de facto"'}, "a should without programs; expected at least one"),
        ({"since": "3.7"}, "since is 3.7; expected text like '3.12'"),
        ({"until": '"newest"'}, "until is 'newest'; expected text"),
        ({"since": '"3.10"', "until": '"3.9"'}, "since '3.10' is not before until '3.9'"),
        ({"author": '"me"'}, "unknown key 'author'; expected level, basis, says, source"),
    ],
)
def test_a_mistake_is_reported_in_one_line_with_file_and_id(
    tmp_path: Path, changes: dict[str, str | None], complaint: str
) -> None:
    keys = {key: value for key, value in {**VALID, **changes}.items() if value is not None}
    lines = ["[echo-is-whole]", *(f"{key} = {value}" for key, value in keys.items())]
    write_area(tmp_path, "datagrams", "\n".join(lines))

    with pytest.raises(CatalogueError) as caught:
        read_catalogue(tmp_path)

    message = str(caught.value)
    assert "datagrams/requirements.toml [echo-is-whole]: " in message
    assert complaint in message
    assert "\n" not in message


def test_an_area_may_have_a_folder_of_files(tmp_path: Path) -> None:
    (tmp_path / "waiting" / "requirements").mkdir(parents=True)
    for name, text in [("closing", JOINS), ("reporting", FORMAT)]:
        (tmp_path / "waiting" / "requirements" / f"{name}.toml").write_text(text, encoding="utf-8")

    assert list(read_catalogue(tmp_path)) == ["waiting.server-close-joins-threads", "waiting.report-names-the-client"]


def test_two_files_of_an_area_cannot_say_the_same_id(tmp_path: Path) -> None:
    write_area(tmp_path, "waiting", FORMAT)
    (tmp_path / "waiting" / "requirements").mkdir()
    (tmp_path / "waiting" / "requirements" / "more.toml").write_text(FORMAT, encoding="utf-8")

    with pytest.raises(CatalogueError, match=r"waiting/requirements\.toml: .* is there twice"):
        read_catalogue(tmp_path)


@pytest.mark.parametrize("words", ["Echo-whole", "echo", "echo_whole", "echo-", "1-echo"])
def test_an_id_is_words_with_hyphens(tmp_path: Path, words: str) -> None:
    write_area(tmp_path, "datagrams", f"[{words}]\n")

    with pytest.raises(CatalogueError, match="the id is not lower-case words with hyphens"):
        read_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("echo-is-whole = 3", "3 is no table"), ("[echo", "datagrams/requirements.toml: ")],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    write_area(tmp_path, "datagrams", text)

    with pytest.raises(CatalogueError, match=complaint):
        read_catalogue(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="is not a folder"):
        read_catalogue(tmp_path / "nowhere")
