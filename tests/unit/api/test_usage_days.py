"""Days of usage, and their pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from api.paging import read_day_cursor
from api.usage.days import Place, page_of_days, span

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


def read(day: date) -> list[dict[str, Any]]:
    """Rows of three days, in the order in which a database may give them; none of the 30th."""
    if day == date(2026, 1, 30):
        return []
    return [row(day, "beta"), row(day, "Acme", "outbound"), row(day, "Acme", "inbound"), row(day, None)]


def every_page(limit: int, is_late: Callable[[], bool]) -> list[dict[str, Any]]:
    rows, place, pages = [], Place(TODAY, ""), 0
    while True:
        found = page_of_days(read, TODAY - timedelta(days=3), place, limit, is_late)
        assert len(found["items"]) <= limit
        rows += found["items"]
        pages += 1
        assert pages < 50
        if found["next"] is None:
            return rows
        place = Place(*read_day_cursor(found["next"]))


@pytest.mark.parametrize("is_late", [lambda: False, lambda: True], ids=["in time", "late"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 12, 50])
def test_pages_show_every_row_once_newest_day_first(limit: int, is_late: Callable[[], bool]) -> None:
    days = [TODAY, TODAY - timedelta(days=2), TODAY - timedelta(days=3)]
    names = [(None, "outbound"), ("Acme", "inbound"), ("Acme", "outbound"), ("beta", "outbound")]
    assert every_page(limit, is_late) == [row(day, *name) for day in days for name in names]


def test_a_place_before_the_first_day_has_nothing_behind_it() -> None:
    place = Place(TODAY - timedelta(days=9), "")
    assert page_of_days(read, TODAY, place, 5, lambda: False) == {"items": [], "next": None}
