"""What charts are drawn from: tables. A page shows a table as it is, and its script draws it.

A value is None where nothing was reported. All times are UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from api.portal.causes import in_words
from api.portal.showing import read_moment

Row = Mapping[str, Any]
Value = int | float | None
MOST_CAUSES: Final = 8
STEPS: Final = {60: "minute", 900: "quarter of an hour"}
"""By seconds."""
DIRECTIONS: Final = ("outbound", "inbound")


@dataclass(frozen=True)
class Line:
    """A row of the table; `at` is the moment or day that it is of, for programs."""

    label: str
    values: Sequence[Value]
    at: str | None = None


@dataclass(frozen=True)
class Chart:
    """`kind`: lines, bars (which stand on each other) or rows (bars that lie); `series` heads the columns."""

    name: str
    kind: str
    title: str
    note: str
    first: str
    series: Sequence[str]
    lines: Sequence[Line]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw: no report at all, or counts of nothing."""
        nothing = (None,) if self.kind == "lines" else (None, 0)
        return all(value in nothing for line in self.lines for value in line.values)


def traffic_charts(traffic: Row) -> list[Chart]:
    """Of an answer of GET /v1/traffic: what each region carried and refused, step by step, and why it refused."""
    step = STEPS.get(traffic["step"], f"{traffic['step']} s")
    most, count = f"The most at once in each {step}", f"In each {step}"
    regions = traffic["regions"]
    return [
        _by_step("registrations", "lines", "Registrations", f"{most}.", regions, "bindings"),
        _by_step("calls", "lines", "Calls in progress", f"{most}.", regions, "calls"),
        _by_step("started", "bars", "Calls started", f"{count}, refused ones left out.", regions, "started"),
        _by_step("refused", "bars", "Refusals", f"{count}.", regions, "refused"),
        _causes(traffic),
    ]


def _by_step(name: str, kind: str, title: str, note: str, regions: Sequence[Row], field: str) -> Chart:
    steps = zip(*(region["points"] for region in regions), strict=True)
    lines = [_line(points, field) for points in steps]
    return Chart(name, kind, title, note, "Time (UTC)", [region["region"] for region in regions], lines)


def _line(points: Sequence[Row], field: str) -> Line:
    at: datetime = read_moment(points[0]["at"])
    return Line(at.strftime("%H:%M"), [point[field] for point in points], at.strftime("%Y-%m-%dT%H:%MZ"))


def _causes(traffic: Row) -> Chart:
    names = [region["region"] for region in traffic["regions"]]
    span = f"The last {traffic['period']}, the most frequent first."
    lines = [
        Line(in_words(*cause), [counts[name] for name in names])
        for cause, counts in by_cause(traffic["refusals"])[:MOST_CAUSES]
    ]
    return Chart("causes", "rows", "Why requests were refused", span, "Cause", names, lines)


def by_cause(refusals: Iterable[Row]) -> list[tuple[tuple[str, str], Counter[str]]]:
    """How often each region refused by rule and cause, whatever the code; the most frequent first."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for each in refusals:
        found.setdefault((each["rule"], each["cause"]), Counter())[each["region"]] += each["count"]
    return sorted(found.items(), key=lambda pair: (-pair[1].total(), pair[0]))


def usage_charts(usage: Sequence[Row], first: date, days: int) -> list[Chart]:
    """Of the items of GET /v1/usage of one tenant: calls and minutes of each of so many days."""
    found = {(str(row["day"]), row["direction"]): row for row in usage}
    dates = [(first + timedelta(days=number)).isoformat() for number in range(days)]

    def chart(name: str, title: str, note: str, field: str, unit: int) -> Chart:
        lines = [
            Line(day, [_amount(found.get((day, direction)), field, unit) for direction in DIRECTIONS], day)
            for day in dates
        ]
        return Chart(name, "bars", title, note, "Day (UTC)", DIRECTIONS, lines)

    return [
        chart("usage-calls", "Calls by day", "Attempts, refused ones included.", "calls", 1),
        chart("usage-minutes", "Minutes by day", "Talked, by the day on which the call started.", "seconds", 60),
    ]


def _amount(row: Row | None, field: str, unit: int) -> Value:
    if row is None:
        return 0
    return int(row[field]) if unit == 1 else round(int(row[field]) / unit, 1)
