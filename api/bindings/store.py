"""Bindings in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Order, Orders, Place

SHOWN: Final = (
    "b.uid AS id, b.region, c.id AS credential, c.tenant, b.username, b.address, b.port, b.user_agent, b.contact,"
    " b.state = 'silent' AS silent, b.since, b.refreshed_at, b.expires_at,"
    " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), b.expires_at) AS expires_in"
)
LIVE: Final = "b.state <> 'gone' AND b.uid IS NOT NULL AND b.expires_at > UTC_TIMESTAMP(3)"
ANYBODYS: Final = "binding b FORCE INDEX ({index}) LEFT JOIN credential c ON c.username = b.username"
ONE_TENANTS: Final = (
    "credential c FORCE INDEX (credential_tenant_by_username)"
    " STRAIGHT_JOIN binding b FORCE INDEX ({index}) ON b.username = c.username"
)
CONDITIONS: Final = {
    "scope": "c.tenant = %(scope)s",
    "id": "b.uid = %(id)s",
    "region": "b.region = %(region)s",
    "credential": "b.username = COALESCE((SELECT username FROM credential WHERE id = %(credential)s), %(credential)s)",
}
INDEXES: Final = {"id": "binding_uid", "credential": "binding_username", "region": "PRIMARY"}
"""The first condition that is asked for chooses."""
BINDINGS_OF: Final = (
    f"SELECT {SHOWN} FROM {ANYBODYS.format(index='binding_username')}"  # noqa: S608
    f" WHERE b.username IN %(usernames)s AND {LIVE} ORDER BY b.region"
)
BY_USERNAME: Final = Order("username", (Key("username", "b.username", str), Key("region", "b.region", str)))
BY_OWNER: Final = Order("username", (Key("username", "c.username", str),))
"""The same order unsorted: a tenant's credentials, and of each its bindings as their index has them, by region."""
ORDERS: Final[Orders] = {"username": BY_USERNAME}


def read_bindings(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Up to `limit` live bindings, by username and region, that agree with `wanted` and lie behind `after`.

    `credential` is an id or a username.
    """
    cursor.execute(*statement(wanted, after, limit))
    return list(cursor.fetchall())


def read_bindings_of(cursor: DictCursor, usernames: Sequence[str]) -> list[dict[str, Any]]:
    """The live bindings of these credentials, by region."""
    cursor.execute(BINDINGS_OF, {"usernames": usernames})
    return list(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_bindings` asks: it walks an index in the order of usernames."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    index = next((INDEXES[name] for name in INDEXES if name in values), "binding_username")
    source, order = (ONE_TENANTS, BY_OWNER) if "scope" in values else (ANYBODYS, BY_USERNAME)
    where = [LIVE, *(CONDITIONS[name] for name in values), *([BY_USERNAME.behind()] if after else [])]
    sql = f"SELECT {SHOWN} FROM {source.format(index=index)}{order.clause(where, None)}"  # noqa: S608
    return sql, values | BY_USERNAME.values(after, limit)
