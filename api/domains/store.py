"""Alias domains in MariaDB (rule D2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.dns.records import origin
from api.rows import update_row

COLUMNS: Final = "name, label, name_servers, hostmaster, ttl, created_at, updated_at, revision"
CHANGEABLE: Final = ("label", "name_servers", "hostmaster", "ttl")


def insert_domain(cursor: DictCursor, domain: Mapping[str, Any]) -> None:
    """Errors: IntegrityError when there is one of this name."""
    cursor.execute(
        "INSERT INTO domain (name, label, name_servers, hostmaster, ttl)"
        " VALUES (%(name)s, %(label)s, %(name_servers)s, %(hostmaster)s, %(ttl)s)",
        _written(domain),
    )


def read_domains(cursor: DictCursor) -> list[dict[str, Any]]:
    """All domains, by name."""
    cursor.execute(f"SELECT {COLUMNS} FROM domain ORDER BY name")  # noqa: S608
    return [_domain(row) for row in cursor.fetchall()]


def read_domain(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """One domain's row, whatever the case of `name`."""
    cursor.execute(f"SELECT {COLUMNS} FROM domain WHERE name = %s", (name,))  # noqa: S608
    row = cursor.fetchone()
    return None if row is None else _domain(row)


def lock_domain(cursor: DictCursor, name: str) -> dict[str, Any] | None:
    """The same; nobody else can change it, or store a zone of it, until the transaction ends."""
    cursor.execute(f"SELECT {COLUMNS} FROM domain WHERE name = %s FOR UPDATE", (name,))  # noqa: S608
    row = cursor.fetchone()
    return None if row is None else _domain(row)


def update_domain(cursor: DictCursor, name: str, change: Mapping[str, Any]) -> None:
    """Set those of label, name_servers, hostmaster and ttl that `change` holds."""
    update_row(cursor, "domain", ("name", name), _written(change), CHANGEABLE)


def delete_domain(cursor: DictCursor, name: str) -> None:
    """Versions of its zone stay."""
    cursor.execute("DELETE FROM domain WHERE name = %s", (name,))


def _written(domain: Mapping[str, Any]) -> dict[str, Any]:
    names = {"name_servers": json.dumps(domain["name_servers"])} if "name_servers" in domain else {}
    return {**domain, **names}


def _domain(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"name_servers": json.loads(row["name_servers"]), "registrar": origin(row["name"])}
