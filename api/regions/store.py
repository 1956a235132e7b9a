"""Regions in MariaDB: what their agents report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

SILENCE: Final = 5
"""Seconds without a word after which an agent or a gateway counts as away."""
TOTALS: Final = ("credentials", "bindings", "calls", "channels")
REPORT: Final = (
    "SELECT r.name, r.address, r.heartbeat_at, r.gateway_at, r.agent_started_at, r.gateway_started_at, r.store_change,"
    " r.applied_change, r.credentials, r.bindings, r.calls, r.channels, r.test_limits,"
    " c.n AS `change`,"
    " COALESCE(r.heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND"
    " AND r.gateway_at > UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND AND r.applied_change IS NOT NULL, 0) AS ready"
    " FROM region r JOIN change_counter c ON c.id = 1"
    " WHERE r.name IN %(names)s ORDER BY r.name"
)
PROGRESS: Final = (
    "SELECT name, COALESCE(applied_change, 0) AS applied_change,"
    " COALESCE(heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND, 0) AS alive FROM region"
    " WHERE name IN %(names)s ORDER BY name"
)


def read_regions(cursor: DictCursor, names: Sequence[str]) -> list[dict[str, Any]]:
    """The regions called `names` (at least one) with what they reported, by name."""
    cursor.execute(REPORT, {"silence": SILENCE, "names": names})
    return list(cursor.fetchall())


def read_progress(cursor: DictCursor, names: Sequence[str]) -> list[dict[str, Any]]:
    """Name, applied change number, and whether the agent is alive, of each region called `names` (at least one)."""
    cursor.execute(PROGRESS, {"silence": SILENCE, "names": names})
    return list(cursor.fetchall())
