"""User-Agent rules in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

COLUMNS: Final = "id, kind, pattern, note, created_at"


def insert_user_agent(cursor: DictCursor, rule: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when there is such a rule already."""
    cursor.execute(
        "INSERT INTO user_agent (id, kind, pattern, note) VALUES (%(id)s, %(kind)s, %(pattern)s, %(note)s)", rule
    )


def read_user_agents(cursor: DictCursor, kind: str | None = None) -> list[dict[str, Any]]:
    """All rules, or those of one kind."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM user_agent WHERE %(kind)s IS NULL OR kind = %(kind)s ORDER BY kind, pattern",  # noqa: S608
        {"kind": kind},
    )
    return list(cursor.fetchall())


def read_user_agent(cursor: DictCursor, rule_id: str, *, lock: bool = False) -> dict[str, Any] | None:
    """One rule's row; nobody else can remove it until the transaction ends, if `lock` says so."""
    locking = "FOR UPDATE" if lock else ""
    cursor.execute(f"SELECT {COLUMNS} FROM user_agent WHERE id = %s {locking}", (rule_id,))  # noqa: S608
    return cursor.fetchone()


def delete_user_agent(cursor: DictCursor, rule_id: str) -> None:
    """The rule is no more."""
    cursor.execute("DELETE FROM user_agent WHERE id = %s", (rule_id,))
