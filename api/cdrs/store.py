"""Call records in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

COLUMNS: Final = (
    "id, region, direction, credential, username, number, tenant, caller, callee, address, port, core, via, call_id,"
    " emergency, started_at, rang_at, answered_at, ended_at,"
    " GREATEST(0, IFNULL(TIMESTAMPDIFF(SECOND, answered_at, ended_at), 0)) AS seconds, ended_by, code, rule, cause"
)
CONDITIONS: Final = {
    "number": "number = %(number)s",
    "caller": "caller = %(caller)s",
    "callee": "callee = %(callee)s",
    "credential": "credential = %(credential)s",
    "username": "username = %(username)s",
    "tenant": "tenant = %(tenant)s",
    "caller_prefix": "caller LIKE %(caller_prefix)s ESCAPE '!'",
    "callee_prefix": "callee LIKE %(callee_prefix)s ESCAPE '!'",
    "rule": "rule = %(rule)s",
    "code": "code = %(code)s",
    "region": "region = %(region)s",
    "answered": "answered = %(answered)s",
    "direction": "direction = %(direction)s",
    "since": "started_at >= %(since)s",
    "until": "started_at < %(until)s",
}
"""Those that leave the fewest rows first: the first one that is asked for chooses the index."""
EITHER: Final = "cdr_caller, cdr_callee, cdr_started"
"""A prefix may be anybody's or everybody's: MariaDB looks which way is shorter."""
INDEXES: Final = {
    "caller_prefix": EITHER,
    "callee_prefix": EITHER,
    "since": "cdr_started",
    "until": "cdr_started",
}
"""Every other condition has an index of its own name."""
BEHIND: Final = "started_at <= %(moment)s AND (started_at < %(moment)s OR id < %(last)s)"
ID_MARK: Final = "cr-"


def read_cdr(cursor: DictCursor, call_id: str) -> dict[str, Any] | None:
    """One record of an ended call."""
    cursor.execute(f"SELECT {COLUMNS} FROM cdr WHERE id = %s AND ended_at IS NOT NULL", (call_id,))  # noqa: S608
    return cursor.fetchone()


def read_cdrs(
    cursor: DictCursor, wanted: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` records of ended calls, newest first, that agree with `wanted` and lie behind `after`.

    `credential` is an id or a username; a caller or callee that ends in * is a prefix.
    """
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: tuple[datetime, str] | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_cdrs` asks, which walks an index in its order: the same way however the filters are combined."""
    values = _columns(wanted)
    chosen = [name for name in CONDITIONS if name in values]
    index = INDEXES.get(chosen[0], f"cdr_{chosen[0]}") if chosen else "cdr_started"
    where = ["ended_at IS NOT NULL", *(CONDITIONS[name] for name in chosen), *([BEHIND] if after else [])]
    sql = (
        f"SELECT {COLUMNS} FROM cdr FORCE INDEX ({index}) WHERE {' AND '.join(where)}"  # noqa: S608
        " ORDER BY started_at DESC, id DESC LIMIT %(limit)s"
    )
    return sql, values | {"limit": limit} | ({"moment": after[0], "last": after[1]} if after else {})


def _columns(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The filters by the conditions' names."""
    values = {name: value for name, value in wanted.items() if value is not None}
    for name in ("caller", "callee"):
        if str(values.get(name, "")).endswith("*"):
            values[f"{name}_prefix"] = _like(values.pop(name)[:-1])
    if "credential" in values and not values["credential"].startswith(ID_MARK):
        values["username"] = values.pop("credential")
    return values


def _like(prefix: str) -> str:
    return prefix.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
