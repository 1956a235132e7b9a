"""The timer process follows the journals: each line once, whenever a file comes, grows, ends or goes."""

import os
from pathlib import Path

import pytest

from kemi.follower import AT_ONCE, LISTED_EVERY, Follower
from kemi.journal import Journal

BOOT = 1764000000123


def name(process: int = 1, number: int = 1, boot: int = BOOT) -> str:
    return f"{boot}-{process:02d}-{number:06d}.jsonl"


def settle(folder: Path) -> None:
    """The folder was last changed long ago."""
    os.utime(folder, (1_000_000_000, 1_000_000_000))


def write(folder: Path, text: str, process: int = 1, number: int = 1, boot: int = BOOT) -> Path:
    path = folder / name(process, number, boot)
    with path.open("a") as file:
        file.write(text)
    return path


def open_files(folder: Path) -> list[str]:
    """This process's."""
    links = (Path("/proc/self/fd") / each for each in os.listdir("/proc/self/fd"))
    return [os.readlink(link) for link in links if link.is_symlink() and str(folder) in os.readlink(link)]


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry each time that a folder is listed."""
    genuine, seen = os.listdir, list[object]()
    monkeypatch.setattr(os, "listdir", lambda path: seen.append(path) or genuine(path))
    return seen


def test_each_line_is_given_once_over_all_files(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "journal")
    first, second = Journal(tmp_path / "journal", BOOT, 1), Journal(tmp_path / "journal", BOOT, 2)
    assert follower.new() == []
    assert first.append("1")
    assert follower.new() == ["1"]
    assert second.append("2")
    assert first.append("3")
    assert sorted(follower.new()) == ["2", "3"]
    assert follower.new() == []
    for each in (first, second, follower):
        each.close()


def test_a_file_that_comes_in_the_tick_of_the_last_listing_is_found(tmp_path: Path) -> None:
    """The folder's time says nothing of it."""
    follower = Follower(tmp_path)
    write(tmp_path, "1\n", 1)
    assert follower.new() == ["1"]
    before = tmp_path.stat()
    write(tmp_path, "2\n", 2)
    os.utime(tmp_path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert follower.new() == ["2"]


def test_a_folder_whose_time_is_ahead_is_listed_each_time(tmp_path: Path) -> None:
    """The clock was set back."""
    follower = Follower(tmp_path)
    for process in (1, 2, 3):
        write(tmp_path, f"{process}\n", process)
        os.utime(tmp_path, (4_000_000_000, 4_000_000_000))
        assert follower.new() == [f"{process}"]


def test_a_folder_that_does_not_change_is_seldom_listed(tmp_path: Path, listings: list[object]) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "1\n")
    settle(tmp_path)
    assert follower.new() == ["1"]
    for number in range(LISTED_EVERY - 2):
        write(tmp_path, f"{number}\n")
        assert follower.new() == [f"{number}"]
    assert len(listings) == 1
    write(tmp_path, "2\n", 2)
    settle(tmp_path)
    assert follower.new() == ["2"]
    assert len(listings) == 2


def test_a_line_is_given_when_it_is_complete(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "whole\nhal")
    assert follower.new() == ["whole"]
    assert follower.new() == []
    write(tmp_path, "f\n")
    assert follower.new() == ["half"]


def test_what_is_no_UTF_8_is_skipped(tmp_path: Path) -> None:
    (tmp_path / name()).write_bytes(b"a\n\xff\xfe\n\nb\n")
    assert Follower(tmp_path).new() == ["a", "", "b"]


@pytest.mark.parametrize("length", [AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE])
def test_a_long_file_is_read_at_one_go(tmp_path: Path, length: int) -> None:
    write(tmp_path, "a" * (length - 3) + "\nb\n")
    assert [len(text) for text in Follower(tmp_path).new()] == [length - 3, 1]


def test_it_goes_on_behind_a_position(tmp_path: Path) -> None:
    write(tmp_path, "old\nnew\n")
    assert Follower(tmp_path, {name(): 4}).new() == ["new"]


@pytest.mark.parametrize(("number", "boot"), [(2, BOOT), (1, BOOT + 1)])
def test_the_last_lines_of_a_file_are_read_and_then_it_is_closed(tmp_path: Path, number: int, boot: int) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "1\n")
    assert follower.new() == ["1"]
    write(tmp_path, "2\n")
    last = write(tmp_path, "3\n", 1, number, boot)
    assert follower.new() == ["2", "3"]
    assert open_files(tmp_path) == [str(last)]
    assert follower.new() == []
    follower.close()
    assert open_files(tmp_path) == []


def test_another_process_ends_no_file(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "1\n", 1, 1)
    write(tmp_path, "2\n", 2, 7)
    assert sorted(follower.new()) == ["1", "2"]
    assert len(open_files(tmp_path)) == 2
    follower.close()


def test_a_finished_file_that_grows_after_all_is_read_within_ten_seconds(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "1\n", boot=BOOT)
    write(tmp_path, "2\n", boot=BOOT + 1)
    settle(tmp_path)
    assert follower.new() == ["1", "2"]
    write(tmp_path, "3\n", boot=BOOT)
    assert [text for _ in range(LISTED_EVERY) for text in follower.new()] == ["3"]


def test_a_file_that_is_deleted_is_let_go(tmp_path: Path) -> None:
    follower = Follower(tmp_path)
    path = write(tmp_path, "1\n")
    assert follower.new() == ["1"]
    write(tmp_path, "2\n")
    path.unlink()
    assert follower.new() == ["2"]
    assert open_files(tmp_path) == []


def test_a_folder_that_is_away_for_a_while_is_not_read_twice(tmp_path: Path) -> None:
    follower = Follower(tmp_path / "journal")
    (tmp_path / "journal").mkdir()
    write(tmp_path / "journal", "1\n")
    assert follower.new() == ["1"]
    (tmp_path / "journal").rename(tmp_path / "away")
    assert follower.new() == []
    (tmp_path / "journal").mkdir()
    assert follower.new() == []
    (tmp_path / "journal").rmdir()
    (tmp_path / "away").rename(tmp_path / "journal")
    write(tmp_path / "journal", "2\n")
    assert follower.new() == ["2"]


def test_nothing_is_lost_when_a_file_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    follower = Follower(tmp_path)
    write(tmp_path, "1\n", 1)
    broken = write(tmp_path, "2\n", 2)
    genuine = os.open

    def fail(path: str, flags: int) -> int:
        if path == str(broken):
            raise OSError(5, "Input/output error")
        return genuine(path, flags)

    monkeypatch.setattr(os, "open", fail)
    with pytest.raises(OSError, match="Input/output"):
        follower.new()
    monkeypatch.undo()
    assert sorted(follower.new()) == ["1", "2"]
