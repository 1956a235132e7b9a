"""Sessions in MariaDB: of a session's token only the SHA-256 is kept."""

from __future__ import annotations

from pymysql.cursors import DictCursor

from api.passwords import key_hash
from api.principal import Principal, Scope


def find_session(cursor: DictCursor, token: str) -> Principal | None:
    """The person whose session `token` opens, while it lasts; its last use is noted at most once a minute."""
    cursor.execute(
        "SELECT s.id AS session, s.expires_at, u.id, u.name, u.role, u.tenant,"
        " s.last_used_at < UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE AS unnoted FROM session s JOIN user u ON u.id = s.user"
        " WHERE s.hash = %s AND s.expires_at > UTC_TIMESTAMP(3) AND u.enabled",
        (key_hash(token),),
    )
    row = cursor.fetchone()
    if row is None:
        return None
    if row["unnoted"]:
        cursor.execute("UPDATE session SET last_used_at = UTC_TIMESTAMP(3) WHERE id = %s", (row["session"],))
    scope = Scope(row["role"])
    return Principal("user", row["id"], row["name"], scope, row["tenant"], row["expires_at"], row["session"])
