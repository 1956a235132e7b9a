"""Which days usage is asked for, and pages of them: newest day first, tenants in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from api.paging import write_cursor
from api.problems import wrong_field

USUAL_DAYS: Final = 31
MOST_DAYS: Final = 366

Row = Mapping[str, Any]


class Place(NamedTuple):
    """How far a reader has come: within `day`, up to the row that is called `last`."""

    day: date
    last: str


def span(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """First and last day: the latest 31 unless told. Errors: Refusal (422) when it is too long or runs backwards."""
    last = until or today
    first = since or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days))
    if first > last:
        raise wrong_field("since", "it lies behind the last day: exchange since and until")
    if (last - first).days >= MOST_DAYS:
        raise wrong_field("since", f"ask for at most {MOST_DAYS} days at once")
    return first, last


def page_of_days(
    read: Callable[[date], Sequence[Row]], first: date, place: Place, limit: int, is_late: Callable[[], bool]
) -> dict[str, Any]:
    """Rows behind `place`, going back to `first`. A page is short when `is_late` says so; its `next` leads on."""
    rows: list[Row] = []
    day, last = place
    while day >= first:
        rows += sorted((row for row in read(day) if _name(row) > last), key=_name)
        if day == first or len(rows) > limit or is_late():
            break
        day, last = day - timedelta(days=1), ""
    return _page(rows, limit, Place(day - timedelta(days=1), "") if day > first else None)


def _page(rows: Sequence[Row], limit: int, rest: Place | None) -> dict[str, Any]:
    if len(rows) > limit:
        rest = Place(rows[limit - 1]["day"], _name(rows[limit - 1]))
    return {"items": rows[:limit], "next": rest and write_cursor(rest.day.isoformat(), rest.last)}


def _name(row: Row) -> str:
    """Tells a day's rows apart; tenants that differ in case only are one."""
    return f"{(row['tenant'] or '').lower()} {row['direction']}"
