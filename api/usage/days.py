"""Which days usage is asked for, and pages of them: newest day first, tenants in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from api.paging import write_cursor

USUAL_DAYS: Final = 31

Row = Mapping[str, Any]


class Place(NamedTuple):
    """How far a reader has come: within `day`, up to the row that is called `last`: tenant, space, direction."""

    day: date
    last: str


NextDay = Callable[[date, date], date | None]
Read = Callable[[Place, int], Sequence[Row]]


def span(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """First and last day: the latest 31 unless told. A span that runs backwards holds no day."""
    last = until or today
    return since or last - timedelta(days=min(USUAL_DAYS - 1, (last - date.min).days)), last


def page_of_days(next_day: NextDay, read: Read, first: date, place: Place, limit: int) -> dict[str, Any]:
    """Rows behind `place`, going back to `first`.

    `next_day` names the latest day of a span that has rows; `read` gives up to so many rows behind a place of a day.
    """
    rows: list[Row] = []
    while len(rows) <= limit and place.day >= first:
        day = next_day(first, place.day)
        if day is None:
            break
        place = place if day == place.day else Place(day, "")
        rows += read(place, limit + 1 - len(rows))
        if day == first:
            break
        place = Place(day - timedelta(days=1), "")
    return _page(rows, limit)


def page_of_rows(rows: Sequence[Row], place: Place, limit: int) -> dict[str, Any]:
    """Those of `rows` that lie behind `place`, newest day first."""
    behind = [row for row in rows if row["day"] < place.day or (row["day"] == place.day and name_of(row) > place.last)]
    return _page(sorted(behind, key=lambda row: (-row["day"].toordinal(), name_of(row))), limit)


def _page(rows: Sequence[Row], limit: int) -> dict[str, Any]:
    last = rows[limit - 1] if len(rows) > limit else None
    return {"items": rows[:limit], "next": last and write_cursor(last["day"].isoformat(), name_of(last))}


def name_of(row: Row) -> str:
    """Tells a day's rows apart, and has their order; tenants that differ in case only are one."""
    return f"{(row['tenant'] or '').lower()} {row['direction']}"
