"""API keys in MariaDB: only their SHA-256 is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders
from api.passwords import key_hash, key_prefix, new_identifier
from api.principal import Principal, Scope

COLUMNS: Final = "id, prefix, label, scope, tenant, created_at, expires_at, last_used_at, revoked_at"
IN_FORCE: Final = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > UTC_TIMESTAMP(3))"
ADMINISTRATORS: Final = f"{IN_FORCE} AND scope = 'administer' AND expires_at IS NULL"
ORDERS: Final[Orders] = orders(
    "-created_at", created_at=(Key("created_at", "created_at", datetime), Key("id", "id", str))
)


def add_key(cursor: DictCursor, key: str, wanted: Mapping[str, Any]) -> str:
    """Keep the hash of `key`, with label, scope, tenant and expires_at; returns the identifier of its row."""
    key_id = new_identifier("key")
    cursor.execute(
        "INSERT INTO api_key (id, prefix, hash, label, scope, tenant, expires_at) VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (
            key_id,
            key_prefix(key),
            key_hash(key),
            wanted["label"],
            wanted["scope"],
            wanted.get("tenant"),
            wanted.get("expires_at"),
        ),
    )
    return key_id


def find_usable_key(cursor: DictCursor, key: str) -> Principal | None:
    """Whose `key` is when it was issued and is in force; its last use is noted at most once a minute."""
    cursor.execute(
        "SELECT id, label, scope, tenant, expires_at,"  # noqa: S608
        " COALESCE(last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE, 1) AS unnoted"
        f" FROM api_key WHERE hash = %s AND {IN_FORCE}",
        (key_hash(key),),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    if row["unnoted"]:
        cursor.execute("UPDATE api_key SET last_used_at = UTC_TIMESTAMP(3) WHERE id = %s", (row["id"],))
    return Principal("key", row["id"], row["label"], Scope(row["scope"]), row["tenant"], row["expires_at"])


def count_administrators(cursor: DictCursor) -> int:
    """How many keys are in force, without an end, and may do everything."""
    cursor.execute(f"SELECT COUNT(*) AS n FROM api_key WHERE {ADMINISTRATORS}")  # noqa: S608
    return int((cursor.fetchone() or {"n": 0})["n"])


def read_key(cursor: DictCursor, key_id: str) -> dict[str, Any] | None:
    """One key's row without its hash."""
    cursor.execute(f"SELECT {COLUMNS} FROM api_key WHERE id = %s", (key_id,))  # noqa: S608
    return cursor.fetchone()


def read_keys(cursor: DictCursor, after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` keys behind `after`, revoked ones included, newest first."""
    cursor.execute(*statement(after, limit))
    return list(cursor.fetchall())


def statement(after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_keys` asks."""
    order = order_of({}, ORDERS)
    clause = order.clause([], after)
    return f"SELECT {COLUMNS} FROM api_key FORCE INDEX (api_key_by_age){clause}", order.values(after, limit)  # noqa: S608


def lock_administrators(cursor: DictCursor) -> set[str]:
    """Identifiers of the keys that `count_administrators` counts; nobody can revoke them until the transaction ends."""
    cursor.execute(f"SELECT id FROM api_key WHERE {ADMINISTRATORS} FOR UPDATE")  # noqa: S608
    return {row["id"] for row in cursor.fetchall()}


def revoke_key(cursor: DictCursor, key_id: str) -> bool:
    """End a key; it stays in the list. Whether it was not revoked before."""
    revoke = "UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3) WHERE id = %s AND revoked_at IS NULL"
    return cursor.execute(revoke, (key_id,)) > 0
