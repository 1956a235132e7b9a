"""Live calls in MariaDB: rows of `cdr` without an end, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

LIVE: Final = (
    "SELECT id, region, direction, IF(answered_at IS NULL, 'ringing', 'answered') AS state, credential, username,"
    " number, tenant, caller, callee, address, port, core, via, call_id, emergency, started_at, rang_at, answered_at,"
    " IFNULL(answered_at, started_at) AS since,"
    " GREATEST(0, TIMESTAMPDIFF(SECOND, IFNULL(answered_at, started_at), UTC_TIMESTAMP(3))) AS duration"
    " FROM cdr {index} WHERE ended_at IS NULL"
)
CONDITIONS: Final = {
    "region": "region = %(region)s",
    "direction": "direction = %(direction)s",
    "credential": "(credential = %(credential)s OR username = %(credential)s)",
    "number": "number = %(number)s",
    "tenant": "tenant = %(tenant)s",
}
BEHIND: Final = "started_at <= %(moment)s AND (started_at < %(moment)s OR id < %(last)s)"


def read_call(cursor: DictCursor, call_id: str) -> dict[str, Any] | None:
    """One live call."""
    cursor.execute(LIVE.format(index="") + " AND id = %s", (call_id,))
    return cursor.fetchone()


def read_calls(
    cursor: DictCursor, wanted: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` live calls, newest first, that agree with `wanted` and lie behind `after`."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_calls` asks: it walks the live calls, however many have ended."""
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    parts = [LIVE.format(index="FORCE INDEX (cdr_live)"), *(CONDITIONS[name] for name in chosen)]
    parts += [BEHIND] if after else []
    sql = " AND ".join(parts) + " ORDER BY started_at DESC, id DESC LIMIT %(limit)s"
    return sql, chosen | {"limit": limit} | ({"moment": after[0], "last": after[1]} if after else {})


def count_live_of(cursor: DictCursor, credential_id: str) -> int:
    """How many calls of a credential are in progress."""
    cursor.execute(
        "SELECT COUNT(*) AS live FROM cdr FORCE INDEX (cdr_live) WHERE ended_at IS NULL AND credential = %s",
        (credential_id,),
    )
    (row,) = cursor.fetchall()
    return int(row["live"])


def read_region_names(cursor: DictCursor) -> list[str]:
    """All regions that have ever reported."""
    cursor.execute("SELECT name FROM region ORDER BY name")
    return [str(row["name"]) for row in cursor.fetchall()]
