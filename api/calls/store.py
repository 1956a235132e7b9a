"""Live calls in MariaDB: rows of `cdr` without an end, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
STARTED: Final = "(ended_at IS NULL OR ended_at > started_at)"
"""An attempt that was refused at once ends when it starts."""
USE: Final = (
    "SELECT credential, region, SUM(live) AS channels, SUM(begun) / 10 AS calls_per_second FROM ("  # noqa: S608
    "SELECT NULL AS credential, name AS region, 0 AS live, 0 AS begun FROM region"
    " UNION ALL SELECT credential, region, 1, 0 FROM cdr FORCE INDEX (cdr_credential_live)"
    f" WHERE credential IN %(credentials)s AND {LIVE} AND direction = 'outbound' AND NOT emergency"
    " UNION ALL SELECT credential, region, 0, 1 FROM cdr FORCE INDEX (cdr_credential)"
    " WHERE credential IN %(credentials)s AND started_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND"
    f" AND direction = 'outbound' AND {STARTED}) used GROUP BY credential, region ORDER BY region"
)
"""By credential and region; without a credential, each region that there is."""
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


def read_use(cursor: DictCursor, credentials: Sequence[str]) -> tuple[list[str], dict[tuple[str, str], dict[str, Any]]]:
    """All regions' names, and by credential and region `channels`, outbound calls in progress but emergency ones
    (rule O3), and `calls_per_second`, outbound ones that started in the last ten seconds, divided by ten.
    """
    cursor.execute(USE, {"credentials": credentials})
    rows = cursor.fetchall()
    regions = [str(row["region"]) for row in rows if row["credential"] is None]
    return regions, {(row["credential"], row["region"]): _use(row) for row in rows if row["credential"] is not None}


def _use(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"channels": int(row["channels"]), "calls_per_second": float(row["calls_per_second"])}


def read_region_names(cursor: DictCursor) -> list[str]:
    """All regions that have ever reported."""
    cursor.execute("SELECT name FROM region ORDER BY name")
    return [str(row["name"]) for row in cursor.fetchall()]
