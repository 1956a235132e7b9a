"""Unified diffs as people read them: lines with their numbers, signs besides colours, and nothing invisible."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

HUNK: Final = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
KINDS: Final = {"+": "added", "-": "removed", " ": "kept"}


class Line(NamedTuple):
    """A line of a diff: its `kind` (added, removed, kept, place, note), its numbers in both texts, and itself."""

    kind: str
    old: int | None
    new: int | None
    text: str


def read_files(files: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The API's files that differ (`name`, `state`, `diff`), each with its `lines`, and how many were `added` and
    `removed`.
    """
    return [_with_counts(dict(file), read_diff(file["diff"])) for file in files]


def read_diff(diff: str) -> list[Line]:
    """The lines of a unified diff of one file, without its two headings."""
    lines: list[Line] = []
    old = new = 0
    for each in diff.split("\n"):
        if place := HUNK.match(each):
            old, new = int(place[1]), int(place[2])
            lines.append(Line("place", None, None, each))
        elif lines and each:
            line = _line(each, old, new)
            old, new = old + (line.old is not None), new + (line.new is not None)
            lines.append(line)
    return lines


def visible(text: str) -> str:
    """The text with its control characters spelled: two lines that look alike must not differ."""
    return "".join(each if each == "\t" or each.isprintable() else f"\u27e8U+{ord(each):04X}\u27e9" for each in text)


def _line(written: str, old: int, new: int) -> Line:
    kind = KINDS.get(written[0], "note")
    text = visible(written[1:])
    return Line(kind, old if kind in ("removed", "kept") else None, new if kind in ("added", "kept") else None, text)


def _with_counts(file: dict[str, Any], lines: list[Line]) -> dict[str, Any]:
    kinds = [line.kind for line in lines]
    return file | {"lines": lines, "added": kinds.count("added"), "removed": kinds.count("removed")}
