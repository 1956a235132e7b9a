"""Core gateways in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.rows import update_row

COLUMNS: Final = "id, region, address, port, label, enabled, created_at, updated_at, revision"
CHANGEABLE: Final = ("label", "enabled")


def insert_core(cursor: DictCursor, core: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when the region has this core already, or there is no such region."""
    cursor.execute(
        "INSERT INTO core (id, region, address, port, label, enabled)"
        " VALUES (%(id)s, %(region)s, %(address)s, %(port)s, %(label)s, %(enabled)s)",
        core,
    )


def is_region(cursor: DictCursor, region: str) -> bool:
    """Whether there is such a region."""
    cursor.execute("SELECT 1 FROM region WHERE name = %s", (region,))
    return cursor.fetchone() is not None


def is_gateway(cursor: DictCursor, address: str) -> bool:
    """Whether a region's own gateway has this address."""
    cursor.execute("SELECT 1 FROM region WHERE address = %s", (address,))
    return cursor.fetchone() is not None


def read_core(cursor: DictCursor, core_id: str) -> dict[str, Any] | None:
    """One core's row."""
    cursor.execute(f"SELECT {COLUMNS} FROM core WHERE id = %s", (core_id,))  # noqa: S608
    return cursor.fetchone()


def lock_core(cursor: DictCursor, core_id: str) -> dict[str, Any] | None:
    """The same; nobody else can change it until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM core WHERE id = %s FOR UPDATE", (core_id,))  # noqa: S608
    return cursor.fetchone()


def read_cores(cursor: DictCursor, region: str | None = None) -> list[dict[str, Any]]:
    """All cores, or those of one region."""
    cursor.execute(
        f"SELECT {COLUMNS} FROM core WHERE %(region)s IS NULL OR region = %(region)s"  # noqa: S608
        " ORDER BY region, address, port",
        {"region": region},
    )
    return list(cursor.fetchall())


def update_core(cursor: DictCursor, core_id: str, change: Mapping[str, Any]) -> None:
    """Set those of label and enabled that `change` holds."""
    update_row(cursor, "core", ("id", core_id), change, CHANGEABLE)


def delete_core(cursor: DictCursor, core_id: str) -> None:
    """It gets no more calls and may not call in any more."""
    cursor.execute("DELETE FROM core WHERE id = %s", (core_id,))
