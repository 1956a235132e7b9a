"""Call records in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders

COLUMNS: Final = (
    "id, region, direction, {credential} AS credential, {username} AS username, number, tenant, caller, callee,"
    " address, port, core, via, call_id, emergency, started_at, rang_at, answered_at, ended_at,"
    " GREATEST(0, IFNULL(TIMESTAMPDIFF(SECOND, answered_at, ended_at), 0)) AS seconds, ended_by, code, rule, cause"
)
OWN: Final = (
    "(direction = 'outbound' OR EXISTS (SELECT 1 FROM credential own"
    " WHERE own.id = cdr.credential AND own.tenant = %(scope)s))"
)
"""A tenant does not learn of a credential that is not its own, though its number was routed there.

The other fields of an inbound call are its own, or the carrier's: the INVITE came from a core.
"""
CONDITIONS: Final = {
    "number": "number = %(number)s",
    "caller": "caller = %(caller)s",
    "callee": "callee = %(callee)s",
    "credential": "credential = %(credential)s",
    "username": "username = %(username)s",
    "scope": "tenant = %(scope)s",
    "tenant": "tenant = %(tenant)s",
    "rule": "rule = %(rule)s",
    "code": "code = %(code)s",
    "region": "region = %(region)s",
    "answered": "answered = %(answered)s",
    "direction": "direction = %(direction)s",
    "caller_prefix": "caller LIKE %(caller_prefix)s ESCAPE '!'",
    "callee_prefix": "callee LIKE %(callee_prefix)s ESCAPE '!'",
    "since": "started_at >= %(since)s",
    "until": "started_at < %(until)s",
}
INDEXES: Final = {"scope": "cdr_tenant", "caller_prefix": "cdr_caller", "callee_prefix": "cdr_callee"}
"""Every other condition but since and until has an index of its own name."""
PREFIXES: Final = ("caller_prefix", "callee_prefix")
TELLING: Final = ("number", "caller", "callee", "credential", "username")
"""They leave few rows, as a rule."""
OWNERS: Final = ("scope", "tenant")
FEW: Final = 2000
WALKS: Final = ("cdr_tenant", "cdr_started")
"""They hold all that can be filtered but what is telling."""
ORDERS: Final[Orders] = orders(
    "-started_at", "started_at", started_at=(Key("started_at", "started_at", datetime), Key("id", "id", str))
)
ID_MARK: Final = "cr-"


def read_cdr(cursor: DictCursor, call_id: str, scope: str | None = None) -> dict[str, Any] | None:
    """One record of an ended call; with `scope`, only one of that tenant, as that may see it."""
    where = "id = %(id)s AND ended_at IS NOT NULL" + (f" AND {CONDITIONS['scope']}" if scope is not None else "")
    cursor.execute(f"SELECT {seen_by(COLUMNS, scope)} FROM cdr WHERE {where}", {"id": call_id, "scope": scope})  # noqa: S608
    return cursor.fetchone()


def read_cdrs(cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` records of ended calls that agree with `wanted` and lie behind `after`, in the order it names.

    `credential` is an id or a username; a caller or callee that ends in * is a prefix.
    """
    few = [name for name, (sql, values) in count_statements(wanted).items() if _count(cursor, sql, values) < FEW]
    cursor.execute(*statement(wanted, after, limit, few))
    return order_of(wanted, ORDERS).arranged(cursor.fetchall())


def statement(
    wanted: Mapping[str, Any], after: Place | None, limit: int, few: Sequence[str] = ()
) -> tuple[str, dict[str, Any]]:
    """What `read_cdrs` asks, which walks an index in its order; `few` are prefixes that few calls have."""
    values, order = _columns(wanted), order_of(wanted, ORDERS)
    chosen = [name for name in CONDITIONS if name in values]
    where = ["ended_at IS NOT NULL", *(CONDITIONS[name] for name in chosen), *own_only(wanted)]
    index = _indexes(chosen, few)
    found = f"cdr FORCE INDEX ({index}){order.clause(where, after)}"
    if index in WALKS:
        found = f"(SELECT id FROM {found}) found STRAIGHT_JOIN cdr FORCE INDEX (PRIMARY) USING (id)"  # noqa: S608
    columns = seen_by(COLUMNS, wanted.get("scope"))
    return f"SELECT {columns} FROM {found}", values | order.values(after, limit)  # noqa: S608


def count_statements(wanted: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, Any]]]:
    """What tells of the prefixes that are asked for whether few calls have them."""
    values = _columns(wanted)
    return {
        name: (
            f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM cdr FORCE INDEX ({_index(name)})"  # noqa: S608
            f" WHERE {CONDITIONS[name]} LIMIT {FEW}) found",
            values,
        )
        for name in PREFIXES
        if name in values
    }


def _count(cursor: DictCursor, sql: str, values: Mapping[str, Any]) -> int:
    cursor.execute(sql, values)
    (row,) = cursor.fetchall()
    return int(row["n"])


def seen_by(columns: str, scope: str | None) -> str:
    """`columns` with what `scope` may see as credential and username."""
    names = ("credential", "username")
    return columns.format(**{name: name if scope is None else f"IF({OWN}, {name}, NULL)" for name in names})


def own_only(wanted: Mapping[str, Any]) -> list[str]:
    """What a filter by credential asks of a scope besides."""
    return [OWN] if wanted.get("scope") is not None and wanted.get("credential") is not None else []


def _indexes(chosen: Sequence[str], few: Sequence[str]) -> str:
    """Those among which MariaDB takes the one that leaves the fewest rows; if that cannot be foreseen, one to walk."""
    owners = [name for name in chosen if name in OWNERS]
    others = [name for name in chosen if name not in (*OWNERS, *PREFIXES, "since", "until")]
    if any(name in PREFIXES for name in chosen):
        others = [name for name in chosen if name in (*few, *TELLING)]
    candidates = [*others, *owners[:1]] if others else owners[:1]
    return ", ".join(map(_index, candidates)) or "cdr_started"


def _index(name: str) -> str:
    return INDEXES.get(name, f"cdr_{name}")


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
