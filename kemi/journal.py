"""The journals: what Kamailio's processes record before they answer, and how the rest of the region reads it.

One JSON object a line, one `write(2)` a line, one file a process: a record that was acknowledged outlives the process.
Nothing is synced to disk, so the host losing power may cost the last second. Kamailio loads this module: standard
library only.
"""

import json
import os
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SEGMENT_BYTES = 8 * 1024 * 1024
_NAME = re.compile(r"(\d{13})-(\d{2,})-(\d{6,})\.jsonl")

Record = dict[str, Any]
State = dict[str, Any]
Block = dict[str, Any]
Call = dict[str, Any]


@dataclass(frozen=True, order=True)
class Segment:
    """One journal file; sorts by Kamailio start (epoch ms), process rank, number within the process."""

    boot: int
    process: int
    number: int
    path: Path = field(compare=False)

    @property
    def name(self) -> str:
        """The file's name, which is what positions are kept under."""
        return self.path.name


class Journal:
    """A process's own journal. Made after the fork; the first file is opened by the first record."""

    def __init__(self, folder: Path, boot: int, process: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        """`boot` is Kamailio's start in epoch milliseconds, `process` the rank."""
        self._folder = folder
        self._prefix = f"{boot:013d}-{process:02d}"
        self._segment_bytes = segment_bytes
        self._number = 0
        self._fd = -1
        self._size = 0

    def append(self, line: str) -> bool:
        """Record one line; never raises OSError. False: not recorded, so do not acknowledge it."""
        data = line.encode("utf-8", "replace") + b"\n"
        try:
            if self._fd < 0 or self._size >= self._segment_bytes:
                self._roll()
            written = os.write(self._fd, data)
        except OSError:
            written = 0
        self._size += written
        if written == len(data):
            return True
        self._abandon()
        return False

    def close(self) -> None:
        """Let go of the file; a later record starts a new segment."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _roll(self) -> None:
        """Open the next segment that does not exist: a torn tail is never written behind."""
        self.close()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while self._fd < 0:
            self._number += 1
            path = self._folder / f"{self._prefix}-{self._number:06d}.jsonl"
            try:
                self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                continue
        self._size = 0

    def _abandon(self) -> None:
        """After a failed write: readers skip a tail without newline. A full disk shall not fill with empty files."""
        if self._size == 0 and self._fd >= 0:
            return
        try:
            self.close()
        except OSError:
            self._fd = -1


def segments(folder: Path) -> list[Segment]:
    """All journal files of a folder in the order boot, process, number; empty when there is no folder."""
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return []
    matches = (_NAME.fullmatch(name) for name in names)
    return sorted(Segment(int(m[1]), int(m[2]), int(m[3]), folder / m[0]) for m in matches if m)


def latest_boot(folder: Path) -> int:
    """The latest start that left a journal, 0 for none: the next must be later, even when the clock was set back."""
    return max((segment.boot for segment in segments(folder)), default=0)


def is_finished(segment: Segment, everything: Iterable[Segment]) -> bool:
    """True when nobody writes this file any more: a later boot, or a later segment of the same process, exists."""
    return any(
        other.boot > segment.boot
        or (other.boot == segment.boot and other.process == segment.process and other.number > segment.number)
        for other in everything
    )


def lines(path: Path, offset: int = 0) -> Generator[tuple[Record | None, int], None, None]:
    """Each complete line behind `offset` with the offset after it; None for a line that holds no JSON object.

    Whoever does not read to the end closes it.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            yield _decode(line), offset


def read(path: Path, offset: int = 0) -> Iterator[tuple[Record, int]]:
    """Each record behind `offset` with the offset after it; torn and undecodable lines are skipped."""
    for record, end in lines(path, offset):
        if record is not None:
            yield record, end


def records(texts: list[str]) -> list[Record]:
    """What these lines hold, but for those without a JSON object: parsed at one go, which takes a third of the time."""
    try:
        found = json.loads(f"[{','.join(texts)}]") if texts else []
    except (ValueError, RecursionError):
        found = [_decode(text) for text in texts]
    return [record for record in found if isinstance(record, dict)]


def _decode(line: bytes | str) -> Record | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


@dataclass(frozen=True)
class Batch:
    """Records in the order of the files, and the positions (file name → offset) that stand for having handled them."""

    records: list[Record]
    positions: dict[str, int]


class Tail:
    """Follows all journals of a folder. Positions of files that are gone stay: their reader decides when to forget."""

    def __init__(self, folder: Path, positions: Mapping[str, int] | None = None) -> None:
        self._folder = folder
        self._names: list[str] = []
        self._segments: list[Segment] = []
        self.positions = dict(positions or {})

    def peek(self, limit: int | None = None) -> Batch:
        """The next records, at most `limit`, without moving on."""
        records: list[Record] = []
        positions: dict[str, int] = {}
        for segment in self._grown():
            with closing(lines(segment.path, self.positions.get(segment.name, 0))) as found:
                for record, end in found:
                    positions[segment.name] = end
                    if record is not None:
                        records.append(record)
                    if limit is not None and len(records) >= limit:
                        return Batch(records, positions)
        return Batch(records, positions)

    def advance(self, batch: Batch) -> None:
        """The batch has been handled."""
        self.positions.update(batch.positions)

    def _grown(self) -> Iterator[Segment]:
        for segment in self._present():
            try:
                size = os.stat(segment.path).st_size
            except FileNotFoundError:
                continue
            if size > self.positions.get(segment.name, 0):
                yield segment

    def _present(self) -> list[Segment]:
        """The files; their names are taken apart only when others are there than the last time."""
        try:
            names = os.listdir(self._folder)
        except FileNotFoundError:
            names = []
        if names != self._names:
            self._names, self._segments = names, segments(self._folder)
        return self._segments


def canonical(value: dict[str, Any]) -> str:
    """The one JSON text of a state or block, so that equal ones compare equal."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def newer(old: State | None, new: State) -> State:
    """Of two states of one credential the one with the higher `v`, whatever the order in which they came."""
    if old is None or new["v"] > old["v"]:
        return new
    return new if new["v"] == old["v"] and canonical(new) > canonical(old) else old


def newer_block(old: Block | None, new: Block) -> Block:
    """Of two lines about one block the lifted one, whatever the order in which they came."""
    if old is None:
        return new
    return max(old, new, key=lambda block: (bool(block.get("lifted")), block.get("until") or 0, canonical(block)))
