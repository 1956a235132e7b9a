"""The journals as the timer process reads them, ten times a second.

Their folder is listed only when a file may have come or gone, and files that may still grow stay open.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kemi.journal import Segment, segments

YOUNG_NS: Final = 50_000_000
"""A folder's time moves in steps of up to 10 ms: while it is so young, a file may have come since without a trace."""
LISTED_EVERY: Final = 100
"""Turns after which the folder is listed whatever its time says."""
AT_ONCE: Final = 32 * 1024
"""Bytes; a file that has more is read by its size."""


class _File:
    """One journal, read up to `offset`; opened when it is first read."""

    def __init__(self, path: str, offset: int) -> None:
        self.offset = offset
        self._path = path
        self._fd = -1

    def read(self) -> bytes:
        """The complete lines behind `offset`; none of a file that was deleted before it was opened."""
        try:
            if self._fd < 0:
                self._fd = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return b""
        data = os.pread(self._fd, AT_ONCE, self.offset)
        if len(data) == AT_ONCE:
            data = os.pread(self._fd, max(AT_ONCE, os.fstat(self._fd).st_size - self.offset), self.offset)
        return data[: data.rfind(b"\n") + 1] if data else data

    def close(self) -> None:
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)


class Follower:
    """Follows all journals of a folder from these positions (file name → offset) on."""

    def __init__(self, folder: Path, positions: Mapping[str, int] | None = None) -> None:
        self._folder = folder
        self._place = str(folder)
        self._positions = dict(positions or {})
        self._files: dict[str, _File] = {}
        self._seen = (0, 0)
        self._turns = 0

    def new(self) -> list[str]:
        """All lines that came since the last call. After an OSError the next call gives them."""
        last = self._look()
        found: list[tuple[_File, bytes]] = []
        for name, file in self._files.items():
            data = file.read()
            if data:
                found.append((file, data))
            if name in last:
                file.close()
        texts: list[str] = []
        for file, data in found:
            texts += _split(data)
            file.offset += len(data)
        for name in last:
            self._positions[name] = self._files.pop(name).offset
        return texts

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _look(self) -> list[str]:
        """Takes up what has come; names the files that get no more lines, which are read once more."""
        try:
            folder = os.stat(self._place)
        except FileNotFoundError:
            return []
        seen = (folder.st_ino, folder.st_mtime_ns)
        self._turns += 1
        if seen == self._seen and self._turns % LISTED_EVERY:
            return []
        is_old = time.time_ns() - folder.st_mtime_ns >= YOUNG_NS
        last = self._list()
        self._seen = seen if is_old else (0, 0)
        return last

    def _list(self) -> list[str]:
        everything = segments(self._folder)
        present = {segment.name for segment in everything}
        self._positions = {name: offset for name, offset in self._positions.items() if name in present}
        last = [name for name in self._files if name not in present]
        following: list[Segment | None] = [*everything[1:], None]
        for segment, after in zip(everything, following, strict=False):
            name = segment.name
            done = _is_done(segment, after, everything[-1].boot)
            if name not in self._files:
                offset = self._positions.get(name, 0)
                if done and not _has_more(segment.path, offset):
                    continue
                self._files[name] = _File(str(segment.path), offset)
            if done:
                last.append(name)
        return last


def _is_done(segment: Segment, after: Segment | None, boot: int) -> bool:
    """As `journal.is_finished`, from the one behind it in their order and the latest boot."""
    return segment.boot < boot or (after is not None and after.process == segment.process)


def _has_more(path: Path, offset: int) -> bool:
    try:
        return os.stat(path).st_size > offset
    except FileNotFoundError:
        return False


def _split(data: bytes) -> list[str]:
    """Complete lines; one that is no UTF-8 holds nothing."""
    try:
        return data[:-1].decode().split("\n")
    except UnicodeDecodeError:
        return [text for line in data[:-1].split(b"\n") if (text := _decoded(line)) is not None]


def _decoded(line: bytes) -> str | None:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return None
