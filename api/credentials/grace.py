"""Old passwords and their end (rule C4): what a credential's row says of them, and what the housekeeper does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, overload

from pymysql.cursors import DictCursor

from api.audit.store import SERVICE, Entry, add_entries
from api.changes import Change, next_changes
from api.events.store import add_event
from kemi.explain import sentence

Row = dict[str, Any]

LONGEST_SECONDS: Final = 7 * 24 * 3600
AT_ONCE: Final = 500
"""Credentials a transaction."""

GRACE: Final = "old_until > UTC_TIMESTAMP(3)"
NO_GRACE: Final = "old_ha1 = NULL, old_until = NULL, grace_warned_at = NULL"
ENDS_SOON: Final = f"({GRACE} AND old_until <= UTC_TIMESTAMP(3) + INTERVAL 1 DAY)"
SEEN: Final = (
    "SELECT {what} FROM password_use u WHERE u.username = credential.username AND u.version = password_version"
)
CLEARED_AFTER: Final = "1 MINUTE"
"""Regions end an old password by their own clocks: one that is behind MariaDB's is not to lose what is left of it."""


@overload
def warned(row: Row) -> Row: ...
@overload
def warned(row: None) -> None: ...
def warned(row: Row | None) -> Row | None:
    """A credential's row as it is shown: with `warnings` in place of `ends_soon`."""
    if row is None:
        return None
    unseen = row.pop("ends_soon") and row["new_password_seen_at"] is None
    return row | {"warnings": [warning(row["username"], row["old_password_until"])] if unseen else []}


def warning(username: str, end: datetime) -> str:
    """The sentence for somebody who has not entered the new password yet; `end` is UTC without a zone."""
    return sentence("C4", "unseen", {"username": username, "until": _milliseconds(end)})


def _milliseconds(moment: datetime) -> int:
    return round(moment.replace(tzinfo=UTC).timestamp() * 1000)


def clear_ended(cursor: DictCursor) -> int:
    """Forget old passwords whose time is over; regions have ended them by themselves. Returns how many."""
    cursor.execute(
        f"SELECT id, username, tenant FROM credential WHERE old_until <= UTC_TIMESTAMP(3) - INTERVAL {CLEARED_AFTER}"  # noqa: S608
        " ORDER BY old_until LIMIT %s FOR UPDATE",
        (AT_ONCE,),
    )
    rows = list(cursor.fetchall())
    if rows:
        cursor.execute(f"UPDATE credential SET {NO_GRACE} WHERE id IN %s", ([row["id"] for row in rows],))  # noqa: S608
        add_entries(
            cursor, SERVICE, [Entry("end-grace", "credential", row["id"], tenant=row["tenant"]) for row in rows]
        )
        next_changes(cursor, [Change("credential", row["id"], {"username": row["username"]}) for row in rows])
    return len(rows)


def warn_of_unseen(cursor: DictCursor) -> int:
    """An event, once a rotation, for each new password that nobody has used a day before the old one ends.

    Returns how many.
    """
    cursor.execute(
        f"SELECT id, username, old_until FROM credential WHERE {ENDS_SOON} AND grace_warned_at IS NULL"  # noqa: S608
        f" AND NOT EXISTS ({SEEN.format(what='1')}) ORDER BY old_until LIMIT %s FOR UPDATE",
        (AT_ONCE,),
    )
    rows = list(cursor.fetchall())
    for row in rows:
        details = {"until": _milliseconds(row["old_until"])}
        add_event(cursor, "C4", "unseen", row, warning(row["username"], row["old_until"]), details)
    if rows:
        warned_at = "UPDATE credential SET grace_warned_at = UTC_TIMESTAMP(3) WHERE id IN %s"
        cursor.execute(warned_at, ([row["id"] for row in rows],))
    return len(rows)


def forget_uses(cursor: DictCursor) -> int:
    """Drop what is known of passwords that nobody has any more, at most a thousand at once; returns how many."""
    return cursor.execute(
        "DELETE FROM password_use WHERE NOT EXISTS (SELECT 1 FROM credential WHERE"
        " credential.username = password_use.username AND password_use.version >= password_version - 1) LIMIT 1000"
    )
