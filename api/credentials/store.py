"""Credentials in MariaDB. HA1 is written here and never read: no answer can hold it (rule C2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.credentials.grace import ENDS_SOON, GRACE, NO_GRACE, SEEN, warned
from api.paging import Key, Orders, Place, order_of, orders
from api.rows import containing, read_among, update_row

COLUMNS: Final = (
    "id, username, label, tenant, enabled, created_at, updated_at, rotated_at, revision,"
    " IF(old_until > UTC_TIMESTAMP(3), old_until, NULL) AS old_password_until,"
    f" ({SEEN.format(what='MIN(first_at)')}) AS new_password_seen_at,"
    f" {ENDS_SOON} AS ends_soon"
)
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
    return warned(cursor.fetchone())


def lock_credential(cursor: DictCursor, credential_id: str) -> dict[str, Any] | None:
    """The same; nobody else can change the credential until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM credential WHERE id = %s FOR UPDATE", (credential_id,))  # noqa: S608
    return warned(cursor.fetchone())


def lock_named(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """Id and tenant of the credential with this id or username, or None; it stays until the transaction ends.

    One by one: with OR, MariaDB would walk through all credentials, and wait for whoever changes any of them.
    """
    for column in ("id", "username"):
        cursor.execute(f"SELECT id, tenant FROM credential WHERE {column} = %s LOCK IN SHARE MODE", (name,))  # noqa: S608
        if found := cursor.fetchone():
            return found
    return None


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
    return [warned(row) for row in order_of(wanted, ORDERS).arranged(cursor.fetchall())]


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_credentials` asks: it walks an index that holds all that is filtered, then fetches what it found."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    order = order_of(wanted, ORDERS)
    conditions = [CONDITIONS[name] for name in values]
    if wanted.get("grace") is not None:
        conditions.append(GRACE if wanted["grace"] else f"({GRACE}) IS NOT TRUE")
    found = order.clause(conditions, after)
    if "label" in values:
        values["label"] = containing(values["label"])
    index = _index(wanted, order.keys[0].name)
    sql = (
        f"SELECT {COLUMNS} FROM (SELECT id FROM credential FORCE INDEX ({index}){found})"  # noqa: S608
        " found STRAIGHT_JOIN credential FORCE INDEX (PRIMARY) USING (id)"
    )
    return sql, values | order.values(after, limit)


def _index(wanted: Mapping[str, Any], sorted_by: str) -> str:
    if wanted.get("username") is not None:
        return "username"
    owned = "_tenant" if wanted.get("tenant") is not None or wanted.get("scope") is not None else ""
    return f"credential{owned}_by_{INDEXES[sorted_by]}"


def update_credential(cursor: DictCursor, credential_id: str, change: Mapping[str, Any]) -> None:
    """Set those of label, tenant and enabled that `change` holds. Errors: IntegrityError for an unknown tenant."""
    update_row(cursor, "credential", ("id", credential_id), change, CHANGEABLE)


def update_ha1(cursor: DictCursor, credential_id: str, ha1: str, grace_seconds: int) -> None:
    """Replace the password that counts; the old one works for `grace_seconds` more (rule C4), an older one no longer.

    MariaDB assigns from left to right: the old HA1 is kept before it is replaced.
    """
    cursor.execute(
        "UPDATE credential SET old_ha1 = IF(%(grace)s > 0, ha1, NULL),"
        " old_until = IF(%(grace)s > 0, UTC_TIMESTAMP(3) + INTERVAL %(grace)s SECOND, NULL), grace_warned_at = NULL,"
        " ha1 = %(ha1)s, password_version = password_version + 1,"
        " rotated_at = UTC_TIMESTAMP(3), updated_at = UTC_TIMESTAMP(3), revision = revision + 1 WHERE id = %(id)s",
        {"id": credential_id, "ha1": ha1, "grace": grace_seconds},
    )


def end_grace(cursor: DictCursor, credential_id: str) -> bool:
    """The old password ends now (rule C4); whether there was one."""
    ended = cursor.execute(
        f"UPDATE credential SET {NO_GRACE}, updated_at = UTC_TIMESTAMP(3), revision = revision + 1"  # noqa: S608
        f" WHERE id = %s AND {GRACE}",
        (credential_id,),
    )
    return ended > 0


def delete_credential(cursor: DictCursor, credential_id: str) -> None:
    """Its events stay; its bindings are removed by the regions."""
    cursor.execute("DELETE FROM credential WHERE id = %s", (credential_id,))
