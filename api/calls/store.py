"""Live calls in MariaDB: rows of `cdr` without an end, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.cdrs.store import ORDERS as CDR_ORDERS
from api.cdrs.store import own_only, seen_by
from api.paging import Orders, Place, order_of

SHOWN: Final = (
    "id, region, direction, IF(answered_at IS NULL, 'ringing', 'answered') AS state, {credential} AS credential,"
    " {username} AS username, number, tenant, caller, callee, address, port, core, via, call_id, emergency, started_at,"
    " rang_at, answered_at, IFNULL(answered_at, started_at) AS since,"
    " GREATEST(0, TIMESTAMPDIFF(SECOND, IFNULL(answered_at, started_at), UTC_TIMESTAMP(3))) AS duration"
)
LIVE: Final = "ended_at IS NULL"
CONDITIONS: Final = {
    "scope": "tenant = %(scope)s",
    "region": "region = %(region)s",
    "direction": "direction = %(direction)s",
    "credential": "(credential = %(credential)s OR username = %(credential)s)",
    "number": "number = %(number)s",
    "tenant": "tenant = %(tenant)s",
}
ORDERS: Final[Orders] = CDR_ORDERS


def read_call(cursor: DictCursor, call_id: str, scope: str | None = None) -> dict[str, Any] | None:
    """One live call; with `scope`, only one of that tenant, as that may see it."""
    where = f"id = %(id)s AND {LIVE}" + (f" AND {CONDITIONS['scope']}" if scope is not None else "")
    cursor.execute(f"SELECT {seen_by(SHOWN, scope)} FROM cdr WHERE {where}", {"id": call_id, "scope": scope})  # noqa: S608
    return cursor.fetchone()


def read_calls(cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` live calls that agree with `wanted` and lie behind `after`, in the order that `wanted` names."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_calls` asks: it walks the live calls, however many have ended."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    order = order_of(wanted, ORDERS)
    clause = order.clause([LIVE, *(CONDITIONS[name] for name in values), *own_only(wanted)], after)
    sql = f"SELECT {seen_by(SHOWN, wanted.get('scope'))} FROM cdr FORCE INDEX (cdr_live){clause}"  # noqa: S608
    return sql, values | order.values(after, limit)


def count_live_of(cursor: DictCursor, credential_id: str, scope: str | None = None) -> int:
    """How many calls of a credential are in progress; with `scope`, only those of that tenant."""
    cursor.execute(
        "SELECT COUNT(*) AS live FROM cdr FORCE INDEX (cdr_live)"
        " WHERE ended_at IS NULL AND credential = %(credential)s AND (%(scope)s IS NULL OR tenant = %(scope)s)",
        {"credential": credential_id, "scope": scope},
    )
    (row,) = cursor.fetchall()
    return int(row["live"])


def read_region_names(cursor: DictCursor) -> list[str]:
    """All regions that have ever reported."""
    cursor.execute("SELECT name FROM region ORDER BY name")
    return [str(row["name"]) for row in cursor.fetchall()]
