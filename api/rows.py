"""Rows of MariaDB that every resource changes in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

KEYS_A_STATEMENT: Final = 1000


def update_row(
    cursor: DictCursor, table: str, key: tuple[str, str], change: Mapping[str, Any], changeable: Sequence[str]
) -> None:
    """Set those of the `changeable` columns that `change` holds, `updated_at` and the revision.

    `key` is a column and its value. Errors: IntegrityError when a value names what does not exist.
    """
    columns = [column for column in changeable if column in change]
    assignments = ", ".join(f"{column} = %s" for column in columns)
    cursor.execute(
        f"UPDATE {table} SET {assignments}, updated_at = UTC_TIMESTAMP(3), revision = revision + 1 WHERE {key[0]} = %s",  # noqa: S608
        (*(change[column] for column in columns), key[1]),
    )


def read_among(cursor: DictCursor, select: str, keys: Sequence[str]) -> dict[str, str]:
    """What `select`, which gives `name` and `value`, finds among many `keys`, at the place of %s."""
    found: dict[str, str] = {}
    for start in range(0, len(keys), KEYS_A_STATEMENT):
        cursor.execute(select, (list(keys[start : start + KEYS_A_STATEMENT]),))
        found |= {str(row["name"]): str(row["value"]) for row in cursor.fetchall()}
    return found


def containing(part: str) -> str:
    """What texts with this part are LIKE, with ! as ESCAPE."""
    escaped = part.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
