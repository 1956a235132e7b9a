"""Usage in MariaDB, which adds up call records as regions' agents write them (sql/0008_lists.sql)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.usage.days import Place

SHOWN: Final = (
    "SELECT u.day, NULLIF(u.tenant, '') AS tenant, u.direction, SUM(u.calls) AS calls, SUM(u.answered) AS answered,"
    " SUM(u.milliseconds) DIV 1000 AS seconds FROM usage_day u FORCE INDEX ({index})"
)
OF_DAY: Final = (
    f"{SHOWN.format(index='PRIMARY')} WHERE u.day = %(day)s"
    " AND u.tenant >= %(tenant)s AND (u.tenant > %(tenant)s OR u.direction > %(direction)s)"
    " GROUP BY u.day, u.tenant, u.direction HAVING calls > 0 ORDER BY u.day, u.tenant, u.direction LIMIT %(limit)s"
)
OF_TENANT: Final = (
    f"{SHOWN.format(index='usage_tenant')} WHERE u.tenant = %(tenant)s AND u.day BETWEEN %(first)s AND %(last)s"
    " GROUP BY u.tenant, u.day, u.direction HAVING calls > 0"
    " ORDER BY u.tenant DESC, u.day DESC, u.direction DESC LIMIT %(limit)s"
)
LATEST: Final = "SELECT MAX(day) AS day FROM usage_day WHERE day BETWEEN %(first)s AND %(last)s"


def latest_day(cursor: DictCursor, first: date, last: date) -> date | None:
    """The last day of this span on which there were calls."""
    cursor.execute(LATEST, {"first": first, "last": last})
    (row,) = cursor.fetchall()
    day: date | None = row["day"]
    return day


def read_day(cursor: DictCursor, place: Place, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` rows of a day that lie behind `place`, in order of tenant and direction."""
    cursor.execute(*day_statement(place, limit))
    return list(cursor.fetchall())


def read_tenant(
    cursor: DictCursor, wanted: Mapping[str, Any], first: date, place: Place, limit: int
) -> Sequence[dict[str, Any]]:
    """Rows of the tenant, if of one only, that `wanted` names as tenant and scope, from the day of `place` back.

    At least so many more than `limit` that a page behind `place` and one row of the next are whole: a day has two.
    """
    names = {str(wanted[name]).lower() for name in ("tenant", "scope") if wanted.get(name) is not None}
    if len(names) != 1 or names == {""}:
        return []
    cursor.execute(OF_TENANT, {"tenant": names.pop(), "first": first, "last": place.day, "limit": limit + 4})
    return list(cursor.fetchall())


def day_statement(place: Place, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_day` asks; the primary key has its order."""
    tenant, _, direction = place.last.rpartition(" ")
    return OF_DAY, {"day": place.day, "tenant": tenant, "direction": direction, "limit": limit}
