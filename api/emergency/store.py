"""The emergency list in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymysql.cursors import DictCursor


def insert(cursor: DictCursor, number: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when it is one already."""
    cursor.execute("INSERT INTO emergency_number (digits, note) VALUES (%(digits)s, %(note)s)", number)


def read(cursor: DictCursor, digits: str) -> dict[str, Any]:
    """One number's row; empty when it is none."""
    cursor.execute("SELECT digits, note, created_at FROM emergency_number WHERE digits = %s", (digits,))
    return cursor.fetchone() or {}


def read_all(cursor: DictCursor) -> list[dict[str, Any]]:
    """All of them, in order."""
    cursor.execute("SELECT digits, note, created_at FROM emergency_number ORDER BY digits")
    return list(cursor.fetchall())


def delete(cursor: DictCursor, digits: str) -> bool:
    """Whether it was one."""
    return cursor.execute("DELETE FROM emergency_number WHERE digits = %s", (digits,)) > 0
