"""What a timeline asks MariaDB: each statement walks an index, and none reads more than a bounded number of rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from kemi.agent.history import REMOVALS

Row = dict[str, Any]

SHOWN: Final = 200
"""Refusals of a region."""
LOOKED_AT: Final = 5000
"""Events of a username in a region: those before are neither shown nor counted."""

CREDENTIAL: Final = (
    "SELECT username, UTC_TIMESTAMP(3) AS now FROM credential"
    " WHERE id = %(id)s AND (%(scope)s IS NULL OR tenant = %(scope)s)"
)
REGIONS: Final = "SELECT name FROM region ORDER BY name"
REGISTRATIONS: Final = (
    "SELECT at, address, port, user_agent, ended_at, ended_cause AS cause, ended_sentence AS sentence"
    " FROM registration FORCE INDEX (PRIMARY)"
    " WHERE region = %(region)s AND slot IN %(slots)s AND username = %(username)s"
    " AND at BETWEEN %(earliest)s AND %(until)s ORDER BY at"
)
REFUSED: Final = (
    "SELECT id FROM (SELECT id, at, until, cause FROM event FORCE INDEX (event_region_username)"
    " WHERE region = %(region)s AND username = %(username)s ORDER BY id DESC LIMIT %(most)s) newest"
    " WHERE COALESCE(until, at) >= %(since)s AND at <= %(until)s AND cause NOT IN %(removals)s"
    " ORDER BY at DESC, id DESC"
)
"""A binding that was removed is no refusal, though an event tells of it."""
REFUSALS: Final = (
    "SELECT at, until, count, method, code, rule, cause, retry_after, address, user_agent, sentence"
    " FROM event FORCE INDEX (PRIMARY) WHERE id IN %(ids)s ORDER BY at, id"
)


def read_owner(cursor: DictCursor, credential_id: str, scope: str | None) -> Row | None:
    """The credential's username and MariaDB's clock; with `scope`, only of that tenant's credentials."""
    cursor.execute(CREDENTIAL, {"id": credential_id, "scope": scope})
    return cursor.fetchone()


def read_regions(cursor: DictCursor) -> list[str]:
    """Their names."""
    cursor.execute(REGIONS)
    return [str(row["name"]) for row in cursor.fetchall()]


def read_registrations(cursor: DictCursor, wanted: Mapping[str, Any]) -> list[Row]:
    """Those of a region from `earliest`, by when they were accepted. Without address: only its end is known."""
    cursor.execute(REGISTRATIONS, wanted)
    return list(cursor.fetchall())


def read_refusals(cursor: DictCursor, wanted: Mapping[str, Any]) -> tuple[list[Row], int]:
    """The latest of a region, in order, and how many more there were."""
    cursor.execute(REFUSED, {**wanted, "removals": sorted(REMOVALS), "most": LOOKED_AT})
    ids = [row["id"] for row in cursor.fetchall()]
    if not ids:
        return [], 0
    cursor.execute(REFUSALS, {"ids": ids[:SHOWN]})
    return list(cursor.fetchall()), len(ids) - len(ids[:SHOWN])
