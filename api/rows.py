"""Rows of MariaDB that every resource changes in the same way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymysql.cursors import DictCursor


def update_row(
    cursor: DictCursor, table: str, key: tuple[str, str], change: Mapping[str, Any], changeable: Sequence[str]
) -> None:
    """Set those of the `changeable` columns that `change` holds, and `updated_at`; `key` is a column and its value.

    Errors: IntegrityError when a value names what does not exist.
    """
    columns = [column for column in changeable if column in change]
    assignments = ", ".join(f"{column} = %s" for column in columns)
    cursor.execute(
        f"UPDATE {table} SET {assignments}, updated_at = UTC_TIMESTAMP(3) WHERE {key[0]} = %s",  # noqa: S608
        (*(change[column] for column in columns), key[1]),
    )
