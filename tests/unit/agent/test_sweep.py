"""A journal goes only when it is finished, shipped, folded, and has been all that for a while."""

from pathlib import Path

import pytest

from kemi.agent.sweep import Sweeper, vanished

OLD, NEW = "1764000000123-01-000001.jsonl", "1764000000123-01-000002.jsonl"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / OLD).write_bytes(b"{}\n{}\ntorn")
    (tmp_path / NEW).write_bytes(b"{}\n")
    return tmp_path


def swept(folder: Path, shipped: dict[str, int], folded: dict[str, int]) -> bool:
    """Whether OLD is deleted once the grace is over."""
    clock = Clock()
    sweeper = Sweeper(folder, 60, clock)
    sweeper.sweep(shipped, folded)
    assert (folder / OLD).exists(), "not before the grace is over"
    clock.now += 61
    sweeper.sweep(shipped, folded)
    assert (folder / NEW).exists(), "somebody writes it"
    return not (folder / OLD).exists()


def test_F2_a_finished_file_goes_though_it_ends_in_a_torn_line(folder: Path) -> None:
    assert swept(folder, {OLD: 6, NEW: 3}, {OLD: 6, NEW: 3})


@pytest.mark.parametrize(
    ("shipped", "folded"), [({}, {OLD: 6}), ({OLD: 6}, {}), ({OLD: 3}, {OLD: 6}), ({OLD: 6}, {OLD: 3})]
)
def test_F2_a_file_with_work_left_stays(folder: Path, shipped: dict[str, int], folded: dict[str, int]) -> None:
    assert not swept(folder, shipped, folded)


def test_positions_of_deleted_files_are_known_but_not_those_of_a_missing_folder(folder: Path) -> None:
    assert vanished(folder, {OLD: 6, "1764000000122-01-000001.jsonl": 9}) == ["1764000000122-01-000001.jsonl"]
    assert vanished(folder / "unmounted", {OLD: 6}) == []
