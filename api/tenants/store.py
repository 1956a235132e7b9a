"""Tenants in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.keys.store import IN_FORCE
from api.paging import Key, Orders, Place, order_of, orders
from api.rows import containing, read_among, update_row

COLUMNS: Final = "account_id, name, contact, created_at, updated_at, revision"
CHANGEABLE: Final = ("name", "contact")
MOST_USERS_NAMED: Final = 100
ORDERS: Final[Orders] = orders("account_id", "-account_id", account_id=(Key("account_id", "account_id", str),))
CONDITIONS: Final = {
    "scope": "account_id = %(scope)s",
    "search": "(CONVERT(account_id USING utf8mb4) LIKE %(search)s ESCAPE '!' OR name LIKE %(search)s ESCAPE '!')",
}
USERS: Final = {
    "user": "SELECT id, name FROM user WHERE tenant = %s ORDER BY name",
    "key": f"SELECT id, prefix, label FROM api_key WHERE tenant = %s AND {IN_FORCE} ORDER BY created_at, id",  # noqa: S608
    "credential": "SELECT id, username, label FROM credential WHERE tenant = %s ORDER BY created_at, id",
}


def insert_tenants(cursor: DictCursor, tenants: Sequence[Mapping[str, Any]]) -> None:
    """Errors: IntegrityError when one of the account IDs is taken."""
    cursor.executemany(
        "INSERT INTO tenant (account_id, name, contact) VALUES (%(account_id)s, %(name)s, %(contact)s)", tenants
    )


def read_tenant(cursor: DictCursor, account_id: str, scope: str | None = None) -> dict[str, Any] | None:
    """One tenant's row, whatever the case of `account_id`; with `scope`, only that tenant's."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM tenant WHERE account_id = %(id)s AND (%(scope)s IS NULL OR account_id = %(scope)s)",  # noqa: S608
        {"id": account_id, "scope": scope},
    )
    return cursor.fetchone()


def read_tenants(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` tenants behind `after`, in the order that `wanted` names; with `scope`, at most that one."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_tenants` asks."""
    order = order_of(wanted, ORDERS)
    where = [CONDITIONS[name] for name in CONDITIONS if wanted.get(name) is not None]
    sql = f"SELECT {COLUMNS} FROM tenant FORCE INDEX (PRIMARY)" + order.clause(where, after)  # noqa: S608
    return sql, {"scope": wanted.get("scope"), "search": containing(wanted.get("search") or "")} | order.values(
        after, limit
    )


def update_tenant(cursor: DictCursor, account_id: str, change: Mapping[str, Any]) -> None:
    """Set those of name and contact that `change` holds."""
    update_row(cursor, "tenant", ("account_id", account_id), change, CHANGEABLE)


def lock_tenant(cursor: DictCursor, account_id: str) -> str | None:
    """The account ID as it was created, or None; the tenant cannot be deleted until the transaction ends."""
    cursor.execute("SELECT account_id FROM tenant WHERE account_id = %s LOCK IN SHARE MODE", (account_id,))
    row = cursor.fetchone()
    return None if row is None else str(row["account_id"])


def lock_tenants(cursor: DictCursor, account_ids: Sequence[str]) -> dict[str, str]:
    """Those of these tenants that there are, by account ID in lower case; they stay until the transaction ends."""
    select = (
        "SELECT LOWER(account_id) AS name, account_id AS value FROM tenant WHERE account_id IN %s LOCK IN SHARE MODE"
    )
    return read_among(cursor, select, account_ids)


def lock_for_change(cursor: DictCursor, account_id: str) -> dict[str, Any] | None:
    """One tenant's row; nothing can begin to use it, and nobody else change it, until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM tenant WHERE account_id = %s FOR UPDATE", (account_id,))  # noqa: S608
    return cursor.fetchone()


def count_users(cursor: DictCursor, account_id: str) -> dict[str, int]:
    """How many credentials and numbers name the tenant (rule T3), and users and keys in force are bound to it."""
    cursor.execute(
        "SELECT (SELECT COUNT(*) FROM credential WHERE tenant = %(tenant)s) AS credential,"  # noqa: S608
        " (SELECT COUNT(*) FROM number WHERE tenant = %(tenant)s) AS number,"
        " (SELECT COUNT(*) FROM user WHERE tenant = %(tenant)s) AS user,"
        f" (SELECT COUNT(*) FROM api_key WHERE tenant = %(tenant)s AND {IN_FORCE}) AS `key`",
        {"tenant": account_id},
    )
    return dict(cursor.fetchone() or {})


def count_own(cursor: DictCursor, account_id: str) -> dict[str, int]:
    """How many credentials and numbers name the tenant."""
    cursor.execute(
        "SELECT (SELECT COUNT(*) FROM credential WHERE tenant = %(tenant)s) AS credentials,"
        " (SELECT COUNT(*) FROM number WHERE tenant = %(tenant)s) AS numbers",
        {"tenant": account_id},
    )
    return dict(cursor.fetchone() or {})


def read_users(cursor: DictCursor, account_id: str) -> list[dict[str, Any]]:
    """The first hundred users, keys in force and credentials that name the tenant."""
    found: list[dict[str, Any]] = []
    for kind, select in USERS.items():
        cursor.execute(f"{select} LIMIT %s", (account_id, MOST_USERS_NAMED))
        found += [{"type": kind, **row} for row in cursor.fetchall()]
    return found[:MOST_USERS_NAMED]


def delete_tenant(cursor: DictCursor, account_id: str) -> None:
    """Errors: IntegrityError while something names it."""
    cursor.execute("DELETE FROM tenant WHERE account_id = %s", (account_id,))
