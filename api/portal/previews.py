"""What a file would do, as a page shows it: a part of its rows, with what is wrong first."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from typing import Any, Final

MOST_SHOWN: Final = 200
"""Rows."""
LONGEST_SHOWN: Final = 300
"""Characters of a row as it stands in the file."""
Row = dict[str, Any]


def preview_of(report: Mapping[str, Any], content: bytes) -> Row:
    """The API's report of a file with at most MOST_SHOWN rows, wrong ones first; each wrong one as it was sent."""
    lines = _lines(content)
    wrong = [row | {"text": _text(lines, row["line"])} for row in report["items"] if row["errors"]]
    right = [row for row in report["items"] if not row["errors"]]
    return {
        "rows": report["rows"],
        "wrong": report["wrong"],
        "items": [*wrong, *right][:MOST_SHOWN],
        "left_out": max(0, len(report["items"]) - MOST_SHOWN),
    }


def digest_of(content: bytes) -> str:
    """Tells whether a file is the one that was looked at."""
    return hashlib.sha256(content).hexdigest()


def _lines(content: bytes) -> list[str]:
    """Lines as readers of CSV count them."""
    return list(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))


def _text(lines: list[str], line: int) -> str:
    """That line, cut where it gets long."""
    text = lines[line - 1].rstrip("\r\n") if 0 < line <= len(lines) else ""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
