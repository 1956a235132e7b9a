"""Configurations of regions in MariaDB: versions that are kept, and never changed (rule F3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.database import DatabaseBusyError
from api.paging import Key, Orders, Place, order_of, orders
from api.regions.store import SILENCE

Row = dict[str, Any]
COLUMNS: Final = "region, version, digest, rendered_at, actor_kind, actor, actor_name"
ORDERS: Final[Orders] = orders("-version", version=(Key("version", "version", int),))
REGION: Final = (
    "SELECT name, address, configuration_digest AS digest, COALESCE((SELECT version FROM configuration c"
    " WHERE c.region = region.name AND c.digest = region.configuration_digest),"
    " IF(configuration_digest IS NULL, configuration, NULL)) AS in_force,"
    " COALESCE(heartbeat_at <= UTC_TIMESTAMP(3) - INTERVAL %s SECOND, 1) AS agent_silent FROM region WHERE name = %s"
)


def read_region(cursor: DictCursor, name: str) -> Row | None:
    """Name, address, `digest` and version (`in_force`) of what the agent says is in force, whether it is silent."""
    cursor.execute(REGION, (SILENCE, name))
    return cursor.fetchone()


def lock_region(cursor: DictCursor, name: str) -> Row | None:
    """The same; nobody else can store or apply for it until the transaction ends."""
    cursor.execute(f"{REGION} FOR UPDATE", (SILENCE, name))
    return cursor.fetchone()


def read_configuration(cursor: DictCursor, region: str, version: int) -> Row | None:
    """One version with its `files`."""
    cursor.execute(
        f"SELECT {COLUMNS}, files FROM configuration WHERE region = %s AND version = %s",  # noqa: S608
        (region, version),
    )
    row = cursor.fetchone()
    return row and row | {"files": json.loads(row["files"])}


def find_configuration(cursor: DictCursor, region: str, digest: str) -> Row | None:
    """The version that has this digest, without its files."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM configuration WHERE region = %s AND digest = %s",  # noqa: S608
        (region, digest),
    )
    return cursor.fetchone()


def newest_version(cursor: DictCursor, region: str) -> int | None:
    """The highest version that is kept."""
    cursor.execute("SELECT MAX(version) AS newest FROM configuration WHERE region = %s", (region,))
    row = cursor.fetchone()
    return row["newest"] if row else None


def insert_configuration(cursor: DictCursor, configuration: Mapping[str, Any]) -> None:
    """Keep `region`, `version`, `digest` and `files`, rendered by `kind`, `id` and `name`.

    Errors: DatabaseBusyError when the region's agent stored one at this moment.
    """
    try:
        cursor.execute(
            "INSERT INTO configuration (region, version, digest, files, actor_kind, actor, actor_name)"
            " VALUES (%(region)s, %(version)s, %(digest)s, %(files)s, %(kind)s, %(id)s, %(name)s)",
            {**configuration, "files": json.dumps(configuration["files"])},
        )
    except IntegrityError as error:
        raise DatabaseBusyError("another version was stored") from error


def read_configurations(cursor: DictCursor, region: str, after: Place | None, limit: int) -> list[Row]:
    """Up to `limit` versions behind `after`, newest first, without their files."""
    cursor.execute(*statement(region, after, limit))
    return list(cursor.fetchall())


def statement(region: str, after: Place | None, limit: int) -> tuple[str, Row]:
    """What `read_configurations` asks."""
    order = order_of({}, ORDERS)
    clause = order.clause(["region = %(region)s"], after)
    return (
        f"SELECT {COLUMNS} FROM configuration FORCE INDEX (PRIMARY){clause}",  # noqa: S608
        {"region": region} | order.values(after, limit),
    )
