"""Events in MariaDB, which the regions' agents write, and the housekeeper."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

COLUMNS: Final = (
    "id, region, at, until, count, rule, cause, code, retry_after, username, credential, address, port, user_agent,"
    " method, call_id, sentence"
)
CONDITIONS: Final = {
    "region": "region = %(region)s",
    "rule": "rule = %(rule)s",
    "address": "address = %(address)s",
    "after": "id < %(after)s",
}

OF_CREDENTIAL: Final = (
    "credential = %(credential)s",
    "username = %(credential)s",
    "username = (SELECT username FROM credential WHERE id = %(credential)s)",
)
"""Each of them is an index of its own: together in one condition they would be a walk through all events."""


def read_events(cursor: DictCursor, wanted: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """Up to `limit` events, newest first, that agree with `wanted`.

    `credential` is an id or a username: what was claimed with a wrong password counts as the credential's, too.
    """
    chosen = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    where = " AND ".join(CONDITIONS[name] for name in chosen) or "TRUE"
    select = f"SELECT {COLUMNS} FROM event WHERE {where}"  # noqa: S608
    newest = "ORDER BY id DESC LIMIT %(limit)s"
    values = chosen | {"limit": limit, "credential": wanted.get("credential")}
    if wanted.get("credential") is None:
        cursor.execute(f"{select} {newest}", values)
    else:
        each = " UNION ".join(f"({select} AND {whose} {newest})" for whose in OF_CREDENTIAL)
        cursor.execute(f"{each} {newest}", values)
    return list(cursor.fetchall())


def add_event(
    cursor: DictCursor, rule: str, cause: str, credential: Mapping[str, Any], sentence: str, details: Mapping[str, Any]
) -> None:
    """One of no region, about a credential (`id` and `username` of its row). `details` are what the sentence tells."""
    cursor.execute(
        "INSERT INTO event (region, at, rule, cause, username, credential, sentence, data)"
        " VALUES (NULL, UTC_TIMESTAMP(3), %s, %s, %s, %s, %s, %s)",
        (rule, cause, credential["username"], credential["id"], sentence, json.dumps(dict(details))),
    )
