"""The emergency list in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymysql.cursors import DictCursor


def insert(cursor: DictCursor, number: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when it is one already."""
    cursor.execute("INSERT INTO emergency_number (digits, note) VALUES (%(digits)s, %(note)s)", number)


def read(cursor: DictCursor, digits: str, *, lock: bool = False) -> dict[str, Any] | None:
    """One number's row; nobody else can remove it until the transaction ends, if `lock` says so."""
    locking = "FOR UPDATE" if lock else ""
    select = "SELECT digits, note, created_at FROM emergency_number WHERE digits = %s"
    cursor.execute(f"{select} {locking}", (digits,))
    return cursor.fetchone()


def read_all(cursor: DictCursor) -> list[dict[str, Any]]:
    """All of them, in order."""
    cursor.execute("SELECT digits, note, created_at FROM emergency_number ORDER BY digits")
    return list(cursor.fetchall())


def delete(cursor: DictCursor, digits: str) -> None:
    """It is an ordinary number again."""
    cursor.execute("DELETE FROM emergency_number WHERE digits = %s", (digits,))
