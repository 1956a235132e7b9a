"""The journals: one write a line, torn tails harmless, positions that lead to each record once."""

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from kemi.journal import Journal, Segment, Tail, is_finished, read, records, segments

BOOT = 1764000000123


def numbers(path: Path, offset: int = 0) -> list[int]:
    return [record["n"] for record, _ in read(path, offset)]


def line(number: int) -> str:
    return json.dumps({"n": number})


def test_a_file_is_named_by_boot_process_and_segment_and_is_private(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", BOOT, 7)
    assert not (tmp_path / "journal").exists(), "nothing happens before the first record"
    assert journal.append(line(1))
    (segment,) = segments(tmp_path / "journal")
    assert segment.name == "1764000000123-07-000001.jsonl"
    assert (segment.boot, segment.process, segment.number) == (BOOT, 7, 1)
    assert stat.S_IMODE(segment.path.stat().st_mode) == 0o600
    journal.close()


def test_a_full_segment_is_followed_by_the_next(tmp_path: Path) -> None:
    journal = Journal(tmp_path, BOOT, 1, segment_bytes=20)
    for number in range(5):
        assert journal.append(line(number))
    journal.close()
    assert [numbers(segment.path) for segment in segments(tmp_path)] == [[0, 1, 2], [3, 4]]


def test_a_second_writer_of_one_name_takes_the_next_segment(tmp_path: Path) -> None:
    for number in range(2):
        journal = Journal(tmp_path, BOOT, 1)
        assert journal.append(line(number))
        journal.close()
    assert [numbers(segment.path) for segment in segments(tmp_path)] == [[0], [1]]


def test_F1_a_short_write_is_not_acknowledged_and_its_tail_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal(tmp_path, BOOT, 1)
    assert journal.append(line(1))
    genuine = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: genuine(fd, data[:4]))
    assert not journal.append(line(2))
    monkeypatch.undo()
    assert journal.append(line(3))
    journal.close()
    assert [numbers(segment.path) for segment in segments(tmp_path)] == [[1], [3]]


def test_F1_a_full_disk_is_told_and_leaves_no_trail_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal(tmp_path, BOOT, 1)
    assert journal.append(line(1))

    def full(_fd: int, _data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert not any(journal.append(line(number)) for number in range(10))
    monkeypatch.undo()
    assert journal.append(line(2))
    journal.close()
    assert [numbers(segment.path) for segment in segments(tmp_path)] == [[1], [2]]


def test_F1_a_folder_that_cannot_be_made_is_no_exception(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file in its place")
    assert not Journal(tmp_path / "journal", BOOT, 1).append(line(1))


def test_reading_goes_on_behind_a_position(tmp_path: Path) -> None:
    journal = Journal(tmp_path, BOOT, 1)
    assert all(journal.append(line(number)) for number in range(3))
    journal.close()
    path = segments(tmp_path)[0].path
    positions = [end for _, end in read(path)]
    assert positions[-1] == path.stat().st_size
    assert numbers(path, positions[0]) == [1, 2]


def test_torn_and_undecodable_lines_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / f"{BOOT}-01-000001.jsonl"
    path.write_bytes(b'{"n": 1}\n\xff\xfe\n"text"\n' + b"[" * 100_000 + b'\n{"n": 2}\n{"n": 3')
    assert numbers(path) == [1, 2]


def test_a_file_that_is_gone_holds_nothing(tmp_path: Path) -> None:
    assert numbers(tmp_path / "gone.jsonl") == []
    assert segments(tmp_path / "no folder") == []


def test_segments_are_in_order_and_other_files_are_none(tmp_path: Path) -> None:
    names = [
        f"{BOOT + 1}-01-000001.jsonl",
        f"{BOOT}-10-000001.jsonl",
        f"{BOOT}-02-000010.jsonl",
        f"{BOOT}-02-000009.jsonl",
    ]
    for name in [*names, "refused.jsonl", f"{BOOT}-01-000001.jsonl.bak"]:
        (tmp_path / name).touch()
    assert [segment.name for segment in segments(tmp_path)] == names[::-1]


@pytest.mark.parametrize(
    ("other", "finished"),
    [
        ((BOOT, 1, 2), False),
        ((BOOT, 1, 3), True),
        ((BOOT, 2, 9), False),
        ((BOOT + 1, 9, 1), True),
        ((BOOT - 1, 1, 9), False),
    ],
)
def test_finished_is_what_a_later_boot_or_segment_follows(other: tuple[int, int, int], *, finished: bool) -> None:
    segment = Segment(BOOT, 1, 2, Path("a"))
    assert is_finished(segment, [segment, Segment(*other, Path("b"))]) is finished


def test_a_tail_gives_each_record_once_over_all_files(tmp_path: Path) -> None:
    tail = Tail(tmp_path)

    def new() -> list[int]:
        batch = tail.peek()
        tail.advance(batch)
        return sorted(record["n"] for record in batch.records)

    first, second = Journal(tmp_path, BOOT, 1), Journal(tmp_path, BOOT, 2)
    assert new() == []
    assert first.append(line(1))
    assert new() == [1]
    assert second.append(line(2))
    assert first.append(line(3))
    assert new() == [2, 3]
    assert new() == []
    for journal in (first, second):
        journal.close()


def test_a_peek_is_bounded_and_repeats_until_it_is_accepted(tmp_path: Path) -> None:
    journal = Journal(tmp_path, BOOT, 1)
    assert all(journal.append(line(number)) for number in range(5))
    journal.close()
    tail = Tail(tmp_path)
    batch = tail.peek(2)
    assert tail.peek(2) == batch
    assert [record["n"] for record in batch.records] == [0, 1]
    tail.advance(batch)
    assert [record["n"] for record in tail.peek().records] == [2, 3, 4]


def test_lines_that_hold_no_record_are_skipped() -> None:
    assert records(['{"t":1}', '{"t":2', "[3]", "", "[" * 100_000, '{"t":4}']) == [{"t": 1}, {"t": 4}]
    assert records(['{"t":1}', "[3]"]) == [{"t": 1}]
    assert records([]) == []
