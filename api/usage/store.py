"""Usage, added up from the call records in MariaDB."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from pymysql.cursors import DictCursor

ADDED_UP: Final = (
    "SELECT tenant, direction, COUNT(*) AS calls, COUNT(answered_at) AS answered,"
    " IFNULL(SUM(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, answered_at, ended_at))) DIV 1000000, 0) AS seconds"
    " FROM cdr FORCE INDEX ({index}) WHERE started_at >= %(day)s AND started_at < %(day)s + INTERVAL 1 DAY"
    " AND ended_at IS NOT NULL AND direction IS NOT NULL"
)
GROUPED: Final = " GROUP BY tenant, direction"


def read_day(cursor: DictCursor, day: date, tenant: str | None) -> list[dict[str, Any]]:
    """What calls that started on `day` (UTC) add up to, by tenant and direction; of one tenant if that is named."""
    cursor.execute(*statement(day, tenant))
    return [{"day": day, **row} for row in cursor.fetchall()]


def statement(day: date, tenant: str | None) -> tuple[str, dict[str, Any]]:
    """What `read_day` asks; the index alone answers it."""
    values = {"day": day, "tenant": tenant}
    if tenant is None:
        return ADDED_UP.format(index="cdr_started") + GROUPED, values
    return ADDED_UP.format(index="cdr_tenant") + " AND tenant = %(tenant)s" + GROUPED, values
