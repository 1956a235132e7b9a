"""Regions in MariaDB: where each is, whether PBXs shall find it, and what its agent reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.bindings.store import LIVE
from api.calls.store import STARTED
from api.rows import update_row

SILENCE: Final = 5
"""Seconds without a word after which an agent or a gateway counts as away."""
IN_SERVICE: Final = "in-service"
DRAINING: Final = "draining"
OUT: Final = "out"
STATES: Final = (IN_SERVICE, DRAINING, OUT)
CHANGEABLE: Final = ("label", "state", "address")
MOST_USES_NAMED: Final = 100
TOTALS: Final = ("credentials", "bindings", "calls", "channels", "calls_per_second")
INNER: Final = ("configuration", "configuration_digest", "dead_cores")
"""What only the carrier's own people see, as they alone see totals."""
ALIVE: Final = "COALESCE(r.heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND, 0)"
READY: Final = (
    f"{ALIVE} AND r.applied_change IS NOT NULL"
    " AND COALESCE(r.gateway_at > UTC_TIMESTAMP(3) - INTERVAL %(silence)s SECOND, 0)"
)
COLUMNS: Final = (
    "r.name, r.address, r.state, r.label, r.created_at, r.updated_at, r.revision, r.heartbeat_at, r.gateway_at,"
    " r.agent_started_at, r.gateway_started_at, r.store_change, r.applied_change, r.credentials, r.bindings, r.calls,"
    " r.channels, r.test_limits, r.configuration, r.configuration_digest, r.dead_cores"
)
PACE: Final = (
    "(SELECT COUNT(*) / 10 FROM cdr FORCE INDEX (cdr_started)"  # noqa: S608
    " WHERE started_at > UTC_TIMESTAMP(3) - INTERVAL 10 SECOND AND region = r.name"
    f" AND {STARTED}) AS calls_per_second"
)
REPORT: Final = (
    f"SELECT {COLUMNS}, {PACE}, c.n AS `change`, {ALIVE} AS alive, {READY} AS ready"  # noqa: S608
    " FROM region r JOIN change_counter c ON c.id = 1"
)
PROGRESS: Final = (
    f"SELECT r.name, COALESCE(r.applied_change, 0) AS applied_change, {ALIVE} AS alive FROM region r"  # noqa: S608
    f" WHERE r.state <> 'out' OR {ALIVE} ORDER BY r.name"
)


def insert_region(cursor: DictCursor, region: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when there is one of this name, or at this address."""
    cursor.execute(
        "INSERT INTO region (name, address, state, label) VALUES (%(name)s, %(address)s, %(state)s, %(label)s)", region
    )
    cursor.execute("INSERT IGNORE INTO binding_sync (region, n) VALUES (%(name)s, 0)", region)


def read_regions(cursor: DictCursor) -> list[dict[str, Any]]:
    """All regions with what they reported, by name."""
    cursor.execute(f"{REPORT} ORDER BY r.name", {"silence": SILENCE})
    return [_region(row) for row in cursor.fetchall()]


def read_region(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """One region's row; `alive` says whether its agent is."""
    cursor.execute(f"{REPORT} WHERE r.name = %(name)s", {"silence": SILENCE, "name": name})
    row = cursor.fetchone()
    return None if row is None else _region(row)


def lock_region(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """The same; nobody else can change it until the transaction ends."""
    cursor.execute("SELECT 1 FROM region WHERE name = %s FOR UPDATE", (name,))
    return read_region(cursor, name) if cursor.fetchone() else None


def _region(row: dict[str, Any]) -> dict[str, Any]:
    return row if row["dead_cores"] is None else row | {"dead_cores": json.loads(row["dead_cores"])}


def lock_in_service(cursor: DictCursor) -> list[str]:
    """Names of the regions in service (rule D1); none leaves it until the transaction ends."""
    cursor.execute("SELECT name FROM region WHERE state = 'in-service' ORDER BY name FOR UPDATE")
    return [row["name"] for row in cursor.fetchall()]


def is_core(cursor: DictCursor, address: str) -> bool:
    """Whether a core gateway of any region has this address."""
    cursor.execute("SELECT 1 FROM core WHERE address = %s LIMIT 1", (address,))
    return cursor.fetchone() is not None


def update_region(cursor: DictCursor, name: str, change: Mapping[str, Any]) -> None:
    """Set those of label, state and address that `change` holds. Errors: IntegrityError for an address in use."""
    update_row(cursor, "region", ("name", name), change, CHANGEABLE)


def read_uses(cursor: DictCursor, name: str) -> list[dict[str, Any]]:
    """The first hundred core gateways and live bindings of the region (rule T3)."""
    cursor.execute("SELECT id, address, port, label FROM core WHERE region = %s ORDER BY address, port", (name,))
    found = [{"type": "core", **row} for row in cursor.fetchall()]
    select = f"SELECT b.uid AS id, b.username, b.address FROM binding b WHERE b.region = %s AND {LIVE}"  # noqa: S608
    cursor.execute(f"{select} ORDER BY b.username LIMIT %s", (name, MOST_USES_NAMED))
    return [*found, *({"type": "binding", **row} for row in cursor.fetchall())][:MOST_USES_NAMED]


def count_bindings(cursor: DictCursor, name: str) -> int:
    """Live ones in the region."""
    cursor.execute(f"SELECT COUNT(*) AS n FROM binding b WHERE b.region = %s AND {LIVE}", (name,))  # noqa: S608
    return int((cursor.fetchone() or {})["n"])


def delete_region(cursor: DictCursor, name: str) -> None:
    """What it was asked to do is withdrawn, also what it has begun: nobody will end that.

    Errors: IntegrityError while it has core gateways.
    """
    cursor.execute(
        "UPDATE application SET state = 'withdrawn', ended_at = UTC_TIMESTAMP(3), reason = 'the region was removed'"
        " WHERE region = %s AND state IN ('waiting', 'checking', 'switching', 'trying')",
        (name,),
    )
    cursor.execute("DELETE FROM region WHERE name = %s", (name,))


def read_progress(cursor: DictCursor) -> list[dict[str, Any]]:
    """Name, applied change number, and whether the agent is alive, of each region that changes concern.

    A region that is out is none unless its agent is alive: nobody has started it, or it was stopped for good.
    """
    cursor.execute(PROGRESS, {"silence": SILENCE})
    return list(cursor.fetchall())


def read_places(cursor: DictCursor) -> list[dict[str, Any]]:
    """Name, address and state of every region, by name (rules D1 and D2)."""
    cursor.execute("SELECT name, address, state FROM region ORDER BY name")
    return list(cursor.fetchall())
