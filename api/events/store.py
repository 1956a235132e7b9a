"""Events in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

COLUMNS: Final = (
    "id, region, at, until, count, rule, cause, code, retry_after, username, credential, address, port, user_agent,"
    " method, call_id, sentence"
)
CONDITIONS: Final = {
    "credential": "(credential = %(credential)s OR username = %(credential)s"
    " OR username = (SELECT username FROM credential WHERE id = %(credential)s))",
    "region": "region = %(region)s",
    "rule": "rule = %(rule)s",
    "address": "address = %(address)s",
    "after": "id < %(after)s",
}


def read_events(cursor: DictCursor, wanted: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Up to `limit` events, newest first, that agree with `wanted`.

    `credential` is an id or a username: what was claimed with a wrong password counts as the credential's, too.
    """
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    where = " AND ".join(CONDITIONS[name] for name in chosen) or "TRUE"
    cursor.execute(
        f"SELECT {COLUMNS} FROM event WHERE {where} ORDER BY id DESC LIMIT %(limit)s",  # noqa: S608
        chosen | {"limit": limit},
    )
    return list(cursor.fetchall())
