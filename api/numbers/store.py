"""Numbers in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.rows import read_among, update_row

FOUND: Final = (
    "SELECT number.number, number.label, number.tenant, number.credential, credential.username,"
    " number.created_at, number.updated_at, number.revision"
    " FROM number LEFT JOIN credential ON credential.id = number.credential"
)
CHANGEABLE: Final = ("label", "tenant", "credential")
CONDITIONS: Final = {
    "tenant": "number.tenant = %(tenant)s",
    "credential": (
        "number.credential = (SELECT id FROM credential WHERE id = %(credential)s"
        " UNION SELECT id FROM credential WHERE username = %(credential)s)"
    ),
    "prefix": "number.number LIKE %(prefix)s",
    "routed": "(number.credential IS NOT NULL) = %(routed)s",
}
MOST_NAMED: Final = 100


def insert_numbers(cursor: DictCursor, numbers: Sequence[Mapping[str, Any]]) -> None:
    """Errors: IntegrityError when there is one of them already."""
    cursor.executemany(
        "INSERT INTO number (number, label, tenant, credential)"
        " VALUES (%(number)s, %(label)s, %(tenant)s, %(credential)s)",
        numbers,
    )


def read_existing(cursor: DictCursor, numbers: Sequence[str]) -> dict[str, str]:
    """Those of these numbers that there are, by themselves."""
    return read_among(cursor, "SELECT number AS name, number AS value FROM number WHERE number IN %s", numbers)


def read_number(cursor: DictCursor, number: str) -> dict[str, Any] | None:
    """One number's row."""
    cursor.execute(f"{FOUND} WHERE number.number = %s", (number,))
    return cursor.fetchone()


def lock_number(cursor: DictCursor, number: str) -> dict[str, Any] | None:
    """The same; nobody else can change the number until the transaction ends."""
    cursor.execute("SELECT 1 FROM number WHERE number = %s FOR UPDATE", (number,))
    return read_number(cursor, number) if cursor.fetchone() else None


def read_numbers(cursor: DictCursor, wanted: Mapping[str, Any], after: str, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` numbers in order that agree with `wanted` and lie behind `after`."""
    where = " AND ".join([*(CONDITIONS[name] for name in CONDITIONS if name in wanted), "number.number > %(after)s"])
    values = {**wanted, "prefix": f"+{wanted.get('prefix', '').lstrip('+')}%", "after": after, "limit": limit}
    cursor.execute(f"{FOUND} WHERE {where} ORDER BY number.number LIMIT %(limit)s", values)
    return list(cursor.fetchall())


def update_number(cursor: DictCursor, number: str, change: Mapping[str, Any]) -> None:
    """Set those of label, tenant and credential that `change` holds."""
    update_row(cursor, "number", ("number", number), change, CHANGEABLE)


def delete_number(cursor: DictCursor, number: str) -> None:
    """The number is nobody's any more."""
    cursor.execute("DELETE FROM number WHERE number = %s", (number,))


def count_used(cursor: DictCursor, column: str, value: str) -> int:
    """How many numbers name a tenant, or are routed to a credential (rule T3); `column` says which."""
    cursor.execute(f"SELECT COUNT(*) AS n FROM number WHERE {_known(column)} = %s", (value,))  # noqa: S608
    return int((cursor.fetchone() or {"n": 0})["n"])


def read_used(cursor: DictCursor, column: str, value: str, tenant: str | None = None) -> list[dict[str, Any]]:
    """The first hundred numbers of `count_used`; those of one tenant, if that is named."""
    cursor.execute(
        f"SELECT number, label FROM number WHERE {_known(column)} = %s AND (%s IS NULL OR tenant = %s)"  # noqa: S608
        " ORDER BY number LIMIT %s",
        (value, tenant, tenant, MOST_NAMED),
    )
    return [{"type": "number", **row} for row in cursor.fetchall()]


def _known(column: str) -> str:
    if column not in ("tenant", "credential"):
        raise ValueError(column)
    return column
