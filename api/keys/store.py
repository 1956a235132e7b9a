"""API keys in MariaDB: only their SHA-256 is kept."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.passwords import key_hash, key_prefix, new_identifier

COLUMNS = "id, prefix, label, created_at, last_used_at, revoked_at"


def add_key(cursor: DictCursor, key: str, label: str) -> str:
    """Keep the hash of `key`; returns the identifier of its row."""
    key_id = new_identifier("key")
    cursor.execute(
        "INSERT INTO api_key (id, prefix, hash, label) VALUES (%s, %s, %s, %s)",
        (key_id, key_prefix(key), key_hash(key), label),
    )
    return key_id


def find_usable_key(cursor: DictCursor, key: str) -> str | None:
    """The identifier of `key` when it was issued and not revoked; its last use is noted at most once a minute."""
    cursor.execute(
        "SELECT id, COALESCE(last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE, 1) AS unnoted"
        " FROM api_key WHERE hash = %s AND revoked_at IS NULL",
        (key_hash(key),),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    if row["unnoted"]:
        cursor.execute("UPDATE api_key SET last_used_at = UTC_TIMESTAMP(3) WHERE id = %s", (row["id"],))
    return str(row["id"])


def count_usable_keys(cursor: DictCursor) -> int:
    """How many keys are not revoked."""
    cursor.execute("SELECT COUNT(*) AS n FROM api_key WHERE revoked_at IS NULL")
    return int((cursor.fetchone() or {"n": 0})["n"])


def read_key(cursor: DictCursor, key_id: str) -> dict[str, Any] | None:
    """One key's row without its hash."""
    cursor.execute(f"SELECT {COLUMNS} FROM api_key WHERE id = %s", (key_id,))  # noqa: S608
    return cursor.fetchone()


def read_keys(cursor: DictCursor) -> list[dict[str, Any]]:
    """All keys, revoked ones included, newest first."""
    cursor.execute(f"SELECT {COLUMNS} FROM api_key ORDER BY created_at DESC, id DESC")  # noqa: S608
    return list(cursor.fetchall())


def lock_usable_keys(cursor: DictCursor) -> set[str]:
    """Identifiers of the usable keys, which nobody else can revoke until the transaction ends."""
    cursor.execute("SELECT id FROM api_key WHERE revoked_at IS NULL FOR UPDATE")
    return {row["id"] for row in cursor.fetchall()}


def revoke_key(cursor: DictCursor, key_id: str) -> None:
    """End a key; it stays in the list."""
    cursor.execute("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3) WHERE id = %s AND revoked_at IS NULL", (key_id,))
