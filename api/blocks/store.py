"""Blocks in MariaDB, which the regions' agents write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders

SHOWN: Final = (
    "k.uid AS id, k.region, k.address, k.username, c.id AS credential, c.tenant, k.cause, k.rule, k.at, k.until,"
    " k.lifted_at, IF(k.lifted_at IS NULL, GREATEST(0, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), k.until)), 0) AS ends_in"
)
NAMED: Final = "LEFT JOIN credential c ON c.username = CONVERT(k.username USING ascii)"
ACTIVE: Final = "lifted_at IS NULL AND until > UTC_TIMESTAMP(3)"
CONDITIONS: Final = {
    "id": "uid = %(id)s",
    "credential": "username = COALESCE((SELECT username FROM credential WHERE id = %(credential)s), %(credential)s)",
    "address": "address = %(address)s",
    "region": "region = %(region)s",
    "scope": (
        "username IS NOT NULL AND EXISTS (SELECT 1 FROM credential own"
        " WHERE own.username = CONVERT(block.username USING ascii) AND own.tenant = %(scope)s)"
    ),
}
OF_OWN: Final = (
    "SELECT block.uid FROM credential own FORCE INDEX (credential_tenant_by_username)"
    " STRAIGHT_JOIN block FORCE INDEX (block_of_username) ON block.username = CONVERT(own.username USING utf8mb4)"
    " WHERE own.tenant = %(scope)s LIMIT %(few)s"
)
AMONG: Final = "uid IN %(own)s"
FEW: Final = 500
"""A tenant that had fewer blocks is served from a list of them; of one that had more, the latest are soon found."""
INDEXES: Final = {
    "id": "PRIMARY",
    "credential": "block_of_username",
    "address": "block_address",
    "region": "block_region",
}
"""The first condition that is asked for chooses."""
ORDERS: Final[Orders] = orders("-at", "at", at=(Key("at", "at", datetime), Key("id", "uid", str)))


def read_blocks(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None = None, limit: int = 1
) -> list[dict[str, Any]]:
    """Up to `limit` blocks in the order that `wanted` names: the active ones, unless it says ended.

    With `scope`, those of that tenant's credentials: a block of a whole address is nobody's.
    """
    own = None if wanted.get("scope") is None else _few_own(cursor, wanted["scope"])
    if own == []:
        return []
    cursor.execute(*statement(wanted, after, limit, own))
    return order_of(wanted, ORDERS).arranged(cursor.fetchall())


def statement(
    wanted: Mapping[str, Any], after: Place | None, limit: int, own: Sequence[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """What `read_blocks` asks: it walks an index that holds what is filtered, then fetches what it found.

    `own` are all blocks of the scope, if they are few.
    """
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    index = next((INDEXES[name] for name in INDEXES if name in values), "block_by_age")
    where = [*([] if wanted.get("ended") else [ACTIVE]), *(CONDITIONS[name] for name in values)]
    where += [AMONG] if own else []
    order = order_of(wanted, ORDERS)
    sql = (
        f"SELECT {SHOWN} FROM (SELECT uid FROM block FORCE INDEX ({index}){order.clause(where, after)}) found"  # noqa: S608
        f" STRAIGHT_JOIN block k FORCE INDEX (PRIMARY) USING (uid) {NAMED}"
    )
    return sql, values | {"own": own} | order.values(after, limit)


def own_statement(scope: str) -> tuple[str, dict[str, Any]]:
    """What finds the blocks of a tenant as long as they are few."""
    return OF_OWN, {"scope": scope, "few": FEW}


def _few_own(cursor: DictCursor, scope: str) -> list[str] | None:
    cursor.execute(*own_statement(scope))
    found = [str(row["uid"]) for row in cursor.fetchall()]
    return found if len(found) < FEW else None
