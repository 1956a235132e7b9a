"""What regions were asked to do with a configuration, in MariaDB. Their agents report what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders
from api.regions.store import SILENCE

Row = dict[str, Any]
UNDER_WAY: Final = ("waiting", "checking", "switching", "trying")
COLUMNS: Final = (
    "id, region, version, action, state, previous, reason, asked_at, began_at, ended_at, restarted, actor_kind, actor,"
    " actor_name, asked_at AS created_at, state + 0 AS revision,"
    " GREATEST(0, TIMESTAMPDIFF(MICROSECOND, COALESCE(began_at, asked_at), COALESCE(ended_at, UTC_TIMESTAMP(3)))) / 1e6"
    " AS seconds,"
    " COALESCE((SELECT r.heartbeat_at <= UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND FROM region r"
    " WHERE r.name = application.region), 1) AS agent_silent"
)
"""The revision is the state's: an application that has gone on is not what was read (If-Match)."""
ORDERS: Final[Orders] = orders("-id", id=(Key("id", "id", int),))


def insert_application(cursor: DictCursor, application: Mapping[str, Any]) -> int:
    """Ask `region` for `action` with `version`, in the name of `kind`, `id` and `name`; returns its number."""
    cursor.execute(
        "INSERT INTO application (region, version, action, previous, actor_kind, actor, actor_name)"
        " VALUES (%(region)s, %(version)s, %(action)s, %(previous)s, %(kind)s, %(id)s, %(name)s)",
        application,
    )
    return cursor.lastrowid


def read_application(cursor: DictCursor, region: str, application_id: int) -> Row | None:
    """One row."""
    cursor.execute(_one(), {"silence": SILENCE, "region": region, "id": application_id})
    return cursor.fetchone()


def lock_application(cursor: DictCursor, region: str, application_id: int) -> Row | None:
    """The same; the agent cannot take it until the transaction ends."""
    cursor.execute(f"{_one()} FOR UPDATE", {"silence": SILENCE, "region": region, "id": application_id})
    return cursor.fetchone()


def find_under_way(cursor: DictCursor, region: str) -> Row | None:
    """The application that a region has not ended, if there is one."""
    sql = "SELECT id, action, state FROM application WHERE region = %s AND state IN %s ORDER BY id LIMIT 1"
    cursor.execute(sql, (region, UNDER_WAY))
    return cursor.fetchone()


def version_before(cursor: DictCursor, region: str, in_force: int | None) -> int | None:
    """The version that was in force before `in_force` (None: before the last that came into force)."""
    came = "SELECT version FROM application WHERE region = %(region)s AND state = 'in-force'"
    last = f"{came} ORDER BY id DESC LIMIT 1"
    cursor.execute(
        f"{came} AND version <> COALESCE(%(in_force)s, ({last})) ORDER BY id DESC LIMIT 1",
        {"region": region, "in_force": in_force},
    )
    row = cursor.fetchone()
    return int(row["version"]) if row else None


def withdraw_application(cursor: DictCursor, application_id: int) -> bool:
    """End one that still waits. Whether it did."""
    withdraw = "UPDATE application SET state = 'withdrawn', ended_at = UTC_TIMESTAMP(3) WHERE id = %s AND state = %s"
    return cursor.execute(withdraw, (application_id, "waiting")) > 0


def read_applications(cursor: DictCursor, region: str, after: Place | None, limit: int) -> list[Row]:
    """Up to `limit` applications behind `after`, newest first."""
    cursor.execute(*statement(region, after, limit))
    return list(cursor.fetchall())


def statement(region: str, after: Place | None, limit: int) -> tuple[str, Row]:
    """What `read_applications` asks."""
    order = order_of({}, ORDERS)
    clause = order.clause(["region = %(region)s"], after)
    return (
        f"SELECT {COLUMNS} FROM application FORCE INDEX (application_region){clause}",  # noqa: S608
        {"region": region, "silence": SILENCE} | order.values(after, limit),
    )


def _one() -> str:
    return f"SELECT {COLUMNS} FROM application WHERE region = %(region)s AND id = %(id)s"  # noqa: S608
