"""What differs between two configurations, as unified diffs."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

Files = Mapping[str, str]
UNENDED: Final = "\n\\ No newline at end of file\n"


def differences(before: Files, after: Files, names: tuple[str, str]) -> list[dict[str, Any]]:
    """Each file that differs, by name: its `state` and `diff`. `names` are those of the two configurations."""
    differing = [file for file in sorted({**before, **after}) if before.get(file) != after.get(file)]
    return [
        {"name": file, "state": _state(file, before, after), "diff": _diff(file, before, after, names)}
        for file in differing
    ]


def _state(file: str, before: Files, after: Files) -> str:
    if file not in before:
        return "added"
    return "changed" if file in after else "removed"


def _diff(file: str, before: Files, after: Files, names: tuple[str, str]) -> str:
    texts = (_lines(before.get(file, "")), _lines(after.get(file, "")))
    old, new = (f"{file} ({name})" for name in names)
    return "".join(_ended(difflib.unified_diff(*texts, old, new)))


def _lines(text: str) -> list[str]:
    """With their ends, which are line feeds alone."""
    return list(io.StringIO(text, newline="\n"))


def _ended(lines: Iterator[str]) -> Iterator[str]:
    yield from (line if line.endswith("\n") else line + UNENDED for line in lines)
