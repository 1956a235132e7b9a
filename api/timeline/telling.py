"""Rows of a region's accepted registrations → how long each lived, and what was removed. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]


def lives(rows: Sequence[Row], since: datetime, granted: timedelta) -> list[Row]:
    """Registrations that lived at `since` or later, with their `ends_at`; `rows` are in order.

    What was granted ends with the next registration, or when the binding is removed, or by itself (rule R5).
    """
    accepted = [row for row in rows if row["address"] is not None]
    breaks = sorted([*(row["at"] for row in accepted), *(row["ended_at"] for row in rows if row["ended_at"])])
    told = [row | {"ends_at": _end(row, breaks, granted)} for row in accepted]
    return [row for row in told if row["ends_at"] > since]


def _end(row: Row, breaks: Sequence[datetime], granted: timedelta) -> datetime:
    """Its own end may be of the same millisecond as its beginning."""
    at: datetime = row["at"]
    own: list[datetime] = [row["ended_at"]] if row["ended_at"] else []
    return min([at + granted, *own, *breaks[bisect_right(breaks, at) :][:1]])


def removals(rows: Sequence[Row], since: datetime, until: datetime) -> list[Row]:
    """Bindings that went before their time, in order."""
    ended = [row | {"at": row["ended_at"]} for row in rows if row["ended_at"]]
    return sorted((row for row in ended if since <= row["at"] <= until), key=lambda row: row["at"])
