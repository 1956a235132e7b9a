"""Days of usage, and their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from api.paging import read_day_cursor
from api.usage.days import Place, page_of_days, page_of_rows, span

TODAY = date(2026, 1, 31)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, (date(2026, 1, 1), TODAY)),
        (None, date(2026, 1, 10), (date(2025, 12, 11), date(2026, 1, 10))),
        (date(2026, 1, 30), None, (date(2026, 1, 30), TODAY)),
        (date(2025, 1, 31), TODAY, (date(2025, 1, 31), TODAY)),
        (None, date(1, 1, 2), (date.min, date(1, 1, 2))),
    ],
)
def test_the_last_31_days_unless_told(since: date | None, until: date | None, expected: tuple[date, date]) -> None:
    assert span(since, until, TODAY) == expected


@pytest.mark.parametrize("since", [date(2026, 2, 1), date(2025, 1, 30), date.min])
def test_any_span_is_one(since: date) -> None:
    assert span(since, TODAY, TODAY) == (since, TODAY)


def row(day: date, tenant: str | None, direction: str = "outbound") -> dict[str, Any]:
    return {"day": day, "tenant": tenant, "direction": direction}


NAMES: list[tuple[str | None, str]] = [
    (None, "outbound"),
    ("Acme", "inbound"),
    ("Acme", "outbound"),
    ("beta", "outbound"),
]
DAYS = [TODAY, TODAY - timedelta(days=2), TODAY - timedelta(days=3)]


def next_day(first: date, last: date) -> date | None:
    return max((day for day in DAYS if first <= day <= last), default=None)


def read(place: Place, limit: int) -> list[dict[str, Any]]:
    """Rows of three days; the last one has been counted down to nothing."""
    rows = [row(place.day, *name) for name in NAMES if f"{(name[0] or '').lower()} {name[1]}" > place.last]
    return [] if place.day == DAYS[2] else rows[:limit]


def every_page(limit: int, page: Callable[[Place], dict[str, Any]]) -> list[dict[str, Any]]:
    rows, place, pages = [], Place(TODAY, ""), 0
    while True:
        found = page(place)
        assert len(found["items"]) <= limit
        rows += found["items"]
        pages += 1
        assert pages < 50
        if found["next"] is None:
            return rows
        assert len(found["items"]) == limit
        place = Place(*read_day_cursor(found["next"]))


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 8, 9, 50])
def test_pages_show_every_row_once_newest_day_first(limit: int) -> None:
    expected = [row(day, *name) for day in DAYS[:2] for name in NAMES]
    first = TODAY - timedelta(days=3)
    assert every_page(limit, lambda place: page_of_days(next_day, read, first, place, limit)) == expected
    assert every_page(limit, lambda place: page_of_rows(expected[::-1], place, limit)) == expected


def test_a_place_before_the_first_day_has_nothing_behind_it() -> None:
    place = Place(TODAY - timedelta(days=9), "")
    assert page_of_days(next_day, read, TODAY, place, 5) == {"items": [], "next": None}
