"""People in MariaDB. The hash of a password is read for signing in only: no answer can hold it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders
from api.rows import update_row

COLUMNS: Final = "id, name, role, tenant, enabled, created_at, updated_at, password_set_at, signed_in_at, revision"
CHANGEABLE: Final = ("role", "tenant", "enabled")
CONDITIONS: Final = {
    "name": "name = %(name)s",
    "role": "role = %(role)s",
    "tenant": "tenant = %(tenant)s",
    "enabled": "enabled = %(enabled)s",
}
ORDERS: Final[Orders] = orders(
    "-created_at",
    "created_at",
    "name",
    "-name",
    created_at=(Key("created_at", "created_at", datetime), Key("id", "id", str)),
    name=(Key("name", "name", str),),
)


def insert_user(cursor: DictCursor, user: Mapping[str, Any]) -> None:
    """`password` is what is kept of it. Errors: IntegrityError when the name is taken."""
    cursor.execute(
        "INSERT INTO user (id, name, password, role, tenant, enabled)"
        " VALUES (%(id)s, %(name)s, %(password)s, %(role)s, %(tenant)s, %(enabled)s)",
        user,
    )


def read_user(cursor: DictCursor, user_id: str) -> dict[str, Any] | None:
    """One person's row without the password's hash."""
    cursor.execute(f"SELECT {COLUMNS} FROM user WHERE id = %s", (user_id,))  # noqa: S608
    return cursor.fetchone()


def lock_user(cursor: DictCursor, user_id: str) -> dict[str, Any] | None:
    """The same; nobody else can change the person, and the person not sign in, until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM user WHERE id = %s FOR UPDATE", (user_id,))  # noqa: S608
    return cursor.fetchone()


def read_users(cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` people that agree with `wanted` and lie behind `after`, in the order that `wanted` names."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_users` asks: it walks an index in its order."""
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    order = order_of(wanted, ORDERS)
    index = "name" if "name" in chosen or order.keys[0].name == "name" else "user_by_age"
    clause = order.clause([CONDITIONS[name] for name in chosen], after)
    return f"SELECT {COLUMNS} FROM user FORCE INDEX ({index}){clause}", chosen | order.values(after, limit)  # noqa: S608


def update_user(cursor: DictCursor, user_id: str, change: Mapping[str, Any]) -> None:
    """Set those of role, tenant and enabled that `change` holds. Errors: IntegrityError for an unknown tenant."""
    update_row(cursor, "user", ("id", user_id), change, CHANGEABLE)


def update_password(cursor: DictCursor, user_id: str, kept: str) -> None:
    """Replace what is kept of the password by that of another one."""
    cursor.execute(
        "UPDATE user SET password = %s, password_set_at = UTC_TIMESTAMP(3), updated_at = UTC_TIMESTAMP(3),"
        " revision = revision + 1 WHERE id = %s",
        (kept, user_id),
    )


def delete_user(cursor: DictCursor, user_id: str) -> None:
    """The person's sessions go too."""
    cursor.execute("DELETE FROM user WHERE id = %s", (user_id,))


def find_password(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """The person who signs in as `name` (ASCII): id, name, tenant, what is kept of the password, and since when."""
    cursor.execute("SELECT id, name, tenant, password, password_set_at FROM user WHERE name = %s", (name,))
    return cursor.fetchone()


def lock_enabled(cursor: DictCursor, user_id: str, password_set_at: datetime) -> dict[str, Any] | None:
    """The person's row as in `lock_user` if enabled, and if the password is still the one that was made then.

    What is kept of that password may have been made anew meanwhile, by another sign-in.
    """
    cursor.execute(
        f"SELECT {COLUMNS} FROM user WHERE id = %s AND password_set_at = %s AND enabled FOR UPDATE",  # noqa: S608
        (user_id, password_set_at),
    )
    return cursor.fetchone()


def note_sign_in(cursor: DictCursor, user_id: str, kept: str) -> None:
    """When it was last, and what is now kept of the same password."""
    cursor.execute("UPDATE user SET signed_in_at = UTC_TIMESTAMP(3), password = %s WHERE id = %s", (kept, user_id))
