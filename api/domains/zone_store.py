"""Stored versions of zones in MariaDB: written once, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders

SUMMARY: Final = "domain, version, serial, digest, rendered_at, actor_kind, actor, actor_name"
ORDERS: Final[Orders] = orders("-version", version=(Key("version", "version", int),))


def insert_zone(cursor: DictCursor, zone: Mapping[str, Any]) -> None:
    """The domain is locked, so that nobody else takes the same version."""
    cursor.execute(
        "INSERT INTO zone (domain, version, serial, digest, text, actor_kind, actor, actor_name) VALUES (%(domain)s,"
        " %(version)s, %(serial)s, %(digest)s, %(text)s, %(actor_kind)s, %(actor)s, %(actor_name)s)",
        zone,
    )


def read_zone(cursor: DictCursor, domain: str, version: int) -> dict[str, Any] | None:
    """One version with its text."""
    cursor.execute(f"SELECT {SUMMARY}, text FROM zone WHERE domain = %s AND version = %s", (domain, version))  # noqa: S608
    return cursor.fetchone()


def read_newest(cursor: DictCursor, domain: str) -> dict[str, Any] | None:
    """The newest version with its text; None when none was stored yet."""
    cursor.execute(
        f"SELECT {SUMMARY}, text FROM zone WHERE domain = %s ORDER BY version DESC LIMIT 1",  # noqa: S608
        (domain,),
    )
    return cursor.fetchone()


def read_zones(cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` versions of `wanted["domain"]` behind `after`, the newest first, without their texts."""
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_zones` asks."""
    order = order_of(wanted, ORDERS)
    sql = f"SELECT {SUMMARY} FROM zone" + order.clause(["domain = %(domain)s"], after)  # noqa: S608
    return sql, {"domain": wanted.get("domain")} | order.values(after, limit)
