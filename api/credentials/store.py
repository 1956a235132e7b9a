"""Credentials in MariaDB. HA1 is written here and never read: no answer can hold it (rule C2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders
from api.rows import read_among, update_row

COLUMNS: Final = "id, username, label, tenant, enabled, created_at, updated_at, rotated_at, revision"
CHANGEABLE: Final = ("label", "tenant", "enabled")
CONDITIONS: Final = {
    "label": "label LIKE %(label)s ESCAPE '!'",
    "tenant": "tenant = %(tenant)s",
    "scope": "tenant = %(scope)s",
    "username": "username = %(username)s",
    "enabled": "enabled = %(enabled)s",
}
ORDERS: Final[Orders] = orders(
    "-created_at",
    "created_at",
    "username",
    "-username",
    created_at=(Key("created_at", "created_at", datetime), Key("id", "id", str)),
    username=(Key("username", "username", str),),
)
INDEXES: Final = {"created_at": "age", "username": "username"}


def insert_credentials(cursor: DictCursor, credentials: Sequence[Mapping[str, Any]]) -> None:
    """Errors: IntegrityError when an id or username is taken."""
    cursor.executemany(
        "INSERT INTO credential (id, username, ha1, label, tenant, enabled)"
        " VALUES (%(id)s, %(username)s, %(ha1)s, %(label)s, %(tenant)s, %(enabled)s)",
        credentials,
    )


def read_credential(cursor: DictCursor, credential_id: str, scope: str | None = None) -> dict[str, Any] | None:
    """One credential's row without its HA1; with `scope`, only one of that tenant."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM credential WHERE id = %(id)s AND (%(scope)s IS NULL OR tenant = %(scope)s)",  # noqa: S608
        {"id": credential_id, "scope": scope},
    )
    return cursor.fetchone()


def lock_credential(cursor: DictCursor, credential_id: str) -> dict[str, Any] | None:
    """The same; nobody else can change the credential until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM credential WHERE id = %s FOR UPDATE", (credential_id,))  # noqa: S608
    return cursor.fetchone()


def lock_named(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """Id and tenant of the credential with this id or username, or None; it stays until the transaction ends."""
    cursor.execute("SELECT id, tenant FROM credential WHERE id = %s OR username = %s LOCK IN SHARE MODE", (name, name))
    return cursor.fetchone()


def lock_all_named(cursor: DictCursor, names: Sequence[str]) -> dict[str, str]:
    """The ids of the credentials with these ids or usernames, by that name; they stay until the transaction ends."""
    by_id = "SELECT id AS name, id AS value FROM credential WHERE id IN %s LOCK IN SHARE MODE"
    by_username = "SELECT username AS name, id AS value FROM credential WHERE username IN %s LOCK IN SHARE MODE"
    return read_among(cursor, by_username, names) | read_among(cursor, by_id, names)


def read_credentials(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` credentials that agree with `wanted` and lie behind `after`, in the order that `wanted` names."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_credentials` asks: it walks an index that holds all that is filtered, then fetches what it found."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    order = order_of(wanted, ORDERS)
    found = order.clause([CONDITIONS[name] for name in values], after)
    if "label" in values:
        values["label"] = _like(values["label"])
    sql = (
        f"SELECT {COLUMNS} FROM (SELECT id FROM credential FORCE INDEX ({_index(values, order.keys[0].name)}){found})"  # noqa: S608
        " found STRAIGHT_JOIN credential USING (id)"
    )
    return sql, values | order.values(after, limit)


def _index(values: Mapping[str, Any], sorted_by: str) -> str:
    if "username" in values:
        return "username"
    owned = "_tenant" if values.keys() & {"tenant", "scope"} else ""
    return f"credential{owned}_by_{INDEXES[sorted_by]}"


def update_credential(cursor: DictCursor, credential_id: str, change: Mapping[str, Any]) -> None:
    """Set those of label, tenant and enabled that `change` holds. Errors: IntegrityError for an unknown tenant."""
    update_row(cursor, "credential", ("id", credential_id), change, CHANGEABLE)


def update_ha1(cursor: DictCursor, credential_id: str, ha1: str) -> None:
    """Replace the password that counts."""
    cursor.execute(
        "UPDATE credential SET ha1 = %s, password_version = password_version + 1,"
        " rotated_at = UTC_TIMESTAMP(3), updated_at = UTC_TIMESTAMP(3), revision = revision + 1 WHERE id = %s",
        (ha1, credential_id),
    )


def delete_credential(cursor: DictCursor, credential_id: str) -> None:
    """Its events stay; its bindings are removed by the regions."""
    cursor.execute("DELETE FROM credential WHERE id = %s", (credential_id,))


def _like(part: str) -> str:
    escaped = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
