"""Folders of configurations, and the link to the one in force (F3)."""

from pathlib import Path

import pytest

from kemi import application
from kemi.application import SWITCHING, TRYING, Application, Outcome
from kemi.configurations import Configurations, UnfitError, fit

FIRST = {"kamailio.cfg": "1", "region.json": "{}"}
SECOND = {"kamailio.cfg": "2\r\n", "region.json": "{}"}


@pytest.fixture
def home(tmp_path: Path) -> Configurations:
    """The first is in force."""
    configurations = Configurations(tmp_path)
    configurations.prepare(configurations.add(FIRST))
    configurations.switch()
    configurations.forget()
    return configurations


def test_F3_one_is_in_force_or_the_other(home: Configurations) -> None:
    first, second = home.in_force(), home.add(SECOND)
    home.prepare(second)
    assert home.in_force() == first
    home.switch()
    assert home.in_force() == second
    assert home.files(second) == SECOND
    assert first
    assert home.go_back(first)
    assert home.in_force() == first
    assert not home.go_back(first)


def test_F3_the_same_files_are_the_same_folder(home: Configurations) -> None:
    assert home.add(dict(reversed(FIRST.items()))) == home.in_force()


def test_F3_a_folder_that_was_damaged_is_made_anew(home: Configurations) -> None:
    name = home.add(SECOND)
    (home.path(name) / "kamailio.cfg").write_text("cut off")
    assert home.add(SECOND) == name
    assert home.files(name) == SECOND


def test_F3_what_an_editor_leaves_is_no_part_of_it(home: Configurations) -> None:
    name = home.in_force() or ""
    (home.path(name) / ".kamailio.cfg.swp").write_bytes(b"b0VIM \x80\xff")
    (home.path(name) / "kamailio.cfg~").write_text("as it was")
    assert home.files(name) == FIRST
    assert home.is_sound(name)


def test_F3_what_was_met_is_known_until_a_start_brings_something(home: Configurations) -> None:
    for full in ("a", "b", "a"):
        home.meet(full)
    assert [home.has_met(full) for full in ("a", "b", "c")] == [True, True, False]
    home.meet("c", alone=True)
    assert [home.has_met(full) for full in ("a", "b", "c")] == [False, False, True]
    for number in range(100):
        home.meet(str(number))
    assert not home.has_met("c")


def test_F3_what_cannot_be_written_leaves_nothing(home: Configurations) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        home.add({**SECOND, "z.cfg": "\ud800"})
    assert [each.name for each in home.folder.iterdir()] == [home.in_force()]


def test_F3_what_is_in_force_is_never_discarded_or_pruned(home: Configurations) -> None:
    first = home.in_force()
    assert first
    home.discard(first)
    for number in range(9):
        home.add({**SECOND, "n.cfg": str(number)})
    home.prune()
    assert home.files(first) == FIRST
    assert len(list(home.folder.iterdir())) == 6


@pytest.mark.parametrize(
    "files",
    [
        None, [], {}, {"kamailio.cfg": "x"}, {"region.json": "x"}, {**FIRST, "n": 1}, {**FIRST, "a/b": ""},
        {**FIRST, "..": ""}, {**FIRST, "": ""}, {**FIRST, ".x": ""}, {**FIRST, "x" * 65: ""}, {**FIRST, "x\n": ""},
        {**FIRST, "a..b": ""}, {**FIRST, "ä": ""}, {**FIRST, "x": "y" * (1 << 20)},
        {**FIRST, **{f"f{number}": "" for number in range(49)}},
    ],
)  # fmt: skip
def test_F3_what_is_no_configuration(files: object) -> None:
    with pytest.raises(UnfitError):
        fit(files)


def test_F3_names_that_files_have(home: Configurations) -> None:
    assert fit({**FIRST, "a-b_c.d.cfg": "", "X": ""})
    assert home.in_force()


@pytest.mark.parametrize(
    ("step", "switched", "state"),
    [
        (SWITCHING, False, "refused"),
        (SWITCHING, True, "rolled-back"),
        (TRYING, True, "rolled-back"),
        (TRYING, False, "rolled-back"),
    ],
)
def test_F3_after_a_crash_what_was_in_force_before_is_so_again(
    home: Configurations, tmp_path: Path, step: str, switched: bool, state: str
) -> None:
    first, second = home.in_force(), home.add(SECOND)
    assert first
    home.prepare(second)
    application.write(tmp_path, Application(7, 2, 1, first, second, step))
    if switched:
        home.switch()
    assert application.settle(tmp_path, 1764000000123)
    assert home.in_force() == first
    found = application.read(tmp_path)
    assert found
    assert found.outcome
    assert (found.outcome.state, found.outcome.ended_at) == (state, 1764000000123)
    assert not application.settle(tmp_path, 1764000000999)
    assert application.read(tmp_path) == found


def test_F3_what_was_done_stays_done(home: Configurations, tmp_path: Path) -> None:
    first, second = home.in_force(), home.add(SECOND)
    assert first
    home.prepare(second)
    home.switch()
    done = Application(7, 2, 1, first, second, TRYING).ended(Outcome("in-force", None, True, 1))
    application.write(tmp_path, done)
    assert not application.settle(tmp_path, 2)
    assert home.in_force() == second


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id": 1}'])
def test_F3_a_note_that_says_nothing_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "applying.json").write_text(text)
    assert application.read(tmp_path) is None
    assert not application.settle(tmp_path, 1)
