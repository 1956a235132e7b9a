"""Sessions in MariaDB: of a session's token only the SHA-256 is kept."""

from __future__ import annotations

from typing import Any, Final

from pymysql.cursors import DictCursor

from api.limits import SignInSettings
from api.passwords import key_hash, new_identifier, new_session_token
from api.principal import Principal, Scope

COLUMNS: Final = "id, address, created_at, last_used_at, expires_at"
LASTS: Final = "s.expires_at > UTC_TIMESTAMP(3) AND s.last_used_at > UTC_TIMESTAMP(3) - INTERVAL %s SECOND"


def add_session(cursor: DictCursor, user_id: str, address: str, settings: SignInSettings) -> dict[str, Any]:
    """Begin a session of a person; returns its `token`, which is kept nowhere, `session` (its id) and `expires_at`."""
    session_id, token = new_identifier("se"), new_session_token()
    cursor.execute(
        "INSERT INTO session (id, hash, user, address, expires_at)"
        " VALUES (%s, %s, %s, %s, UTC_TIMESTAMP(3) + INTERVAL %s SECOND)",
        (session_id, key_hash(token), user_id, address, settings.longest),
    )
    cursor.execute("SELECT id AS session, expires_at FROM session WHERE id = %s", (session_id,))
    return {"token": token} | dict(cursor.fetchone() or {})


def find_session(cursor: DictCursor, token: str, idle: int, *, used: bool = True) -> Principal | None:
    """The person whose session `token` opens, while it lasts; its last use is noted at most once a minute, if `used`.

    `idle`: seconds unused after which it has ended. Role, tenant and whether the person is enabled are those of now.
    """
    cursor.execute(
        "SELECT s.id AS session, s.expires_at, u.id, u.name, u.role, u.tenant,"  # noqa: S608
        " s.last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE AS unnoted FROM session s JOIN user u ON u.id = s.user"
        f" WHERE s.hash = %s AND {LASTS} AND u.enabled",
        (key_hash(token), idle),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    if used and row["unnoted"]:
        cursor.execute("UPDATE session SET last_used_at = UTC_TIMESTAMP(3) WHERE id = %s", (row["session"],))
    scope = Scope(row["role"])
    return Principal("user", row["id"], row["name"], scope, row["tenant"], row["expires_at"], row["session"])


def read_sessions(cursor: DictCursor, user_id: str, idle: int) -> list[dict[str, Any]]:
    """A person's sessions that last, newest first."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM session s WHERE user = %s AND {LASTS} ORDER BY created_at DESC, id DESC",  # noqa: S608
        (user_id, idle),
    )
    return list(cursor.fetchall())


def end_session(cursor: DictCursor, session_id: str) -> None:
    """End one."""
    cursor.execute("DELETE FROM session WHERE id = %s", (session_id,))


def end_sessions(cursor: DictCursor, user_id: str) -> int:
    """End all of a person's; returns how many there were."""
    return cursor.execute("DELETE FROM session WHERE user = %s", (user_id,))


def forget(cursor: DictCursor) -> int:
    """Drop sessions whose time is over, at most a thousand at once; returns how many."""
    return cursor.execute("DELETE FROM session WHERE expires_at < UTC_TIMESTAMP(3) LIMIT 1000")
