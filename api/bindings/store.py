"""Bindings in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

LIVE: Final = (
    "SELECT b.uid AS id, b.region, c.id AS credential, c.tenant, b.username, b.address, b.port, b.user_agent,"
    " b.contact, b.state = 'silent' AS silent, b.since, b.refreshed_at, b.expires_at,"
    " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), b.expires_at) AS expires_in"
    " FROM binding b LEFT JOIN credential c ON c.username = b.username"
    " WHERE b.state <> 'gone' AND b.uid IS NOT NULL AND b.expires_at > UTC_TIMESTAMP(3)"
)
CONDITIONS: Final = {
    "id": "b.uid = %(id)s",
    "region": "b.region = %(region)s",
    "credential": "(b.username = %(credential)s"
    " OR b.username = (SELECT username FROM credential WHERE id = %(credential)s))",
    "after": "b.uid > %(after)s",
}


def read_bindings(cursor: DictCursor, wanted: Mapping[str, Any], limit: int = 100) -> list[dict[str, Any]]:
    """Up to `limit` live bindings, by id, that agree with `wanted`. `credential` is an id or a username."""
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    sql = " AND ".join([LIVE, *(CONDITIONS[name] for name in chosen)]) + " ORDER BY b.uid LIMIT %(limit)s"
    cursor.execute(sql, chosen | {"limit": limit})
    return list(cursor.fetchall())
