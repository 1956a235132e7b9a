"""Which moments traffic is told for: a step of equal length after the other, up to the one that is under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from api.traffic.store import LEVELS, Row, Traffic


class Period(NamedTuple):
    """So many steps of so many seconds; a whole number of steps is a day."""

    step: int
    points: int


PERIODS: Final[Mapping[str, Period]] = {"hour": Period(60, 60), "day": Period(900, 96)}


class Span(NamedTuple):
    """From `since` to `until`, which is not part of it, in steps of so many seconds."""

    since: datetime
    until: datetime
    step: int

    @property
    def moments(self) -> Sequence[datetime]:
        """When each step begins."""
        count = (self.until - self.since) // timedelta(seconds=self.step)
        return [self.since + timedelta(seconds=self.step * number) for number in range(count)]


def span(period: Period, now: datetime) -> Span:
    """The steps up to that of `now`, which is the last."""
    length = timedelta(seconds=period.step)
    until = now - (now - datetime.min) % length + length  # noqa: DTZ901
    return Span(until - period.points * length, until, period.step)


def told(regions: Sequence[str], over: Span, traffic: Traffic) -> list[Row]:
    """Each region with all of its points: null where nothing was reported, 0 where nothing was counted."""
    levels = {(row["region"], row["step"]): row for row in traffic.levels}
    counts = [{(row["region"], row["step"]): int(row["count"]) for row in rows} for rows in traffic.counts]
    return [{"region": region, "points": _points(region, over, levels, *counts)} for region in regions]


def _points(
    region: str,
    over: Span,
    levels: Mapping[tuple[str, int], Row],
    started: Mapping[tuple[str, int], int],
    refused: Mapping[tuple[str, int], int],
) -> list[Row]:
    return [
        {
            "at": moment,
            **_level(levels.get((region, number), {})),
            "started": started.get((region, number), 0),
            "refused": refused.get((region, number), 0),
        }
        for number, moment in enumerate(over.moments)
    ]


def _level(row: Mapping[str, Any]) -> Row:
    return {name: row.get(name) for name in LEVELS}
