"""The audit log in MariaDB: written with what it tells of, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders

COLUMNS: Final = (
    "id, at, actor_kind, actor, actor_name, address, request_id, action, entity, entity_id, tenant, `before`, `after`"
)
CONDITIONS: Final = {
    "request_id": "request_id = %(request_id)s",
    "entity_id": "entity_id = %(entity_id)s",
    "entity": "entity = %(entity)s",
    "actor": "actor = %(actor)s",
    "tenant": "tenant = %(tenant)s",
    "action": "action = %(action)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
}
INDEXES: Final = {
    "request_id": "audit_request",
    "entity_id": "audit_entity_id",
    "entity": "audit_kind",
    "actor": "audit_actor",
    "tenant": "audit_tenant",
    "action": "audit_action",
}
ORDERS: Final[Orders] = orders("-id", id=(Key("id", "id", int),))
ADD: Final = (
    "INSERT INTO audit (actor_kind, actor, actor_name, address, request_id, action, entity, entity_id, tenant,"
    " `before`, `after`) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class Actor(NamedTuple):
    """Who did it, from where, by which request. `kind`: key, user, service or nobody."""

    kind: str
    id: str | None
    name: str | None
    address: str | None = None
    request_id: str | None = None


SERVICE: Final = Actor("service", None, None)
"""What the service does of its own accord."""


class Entry(NamedTuple):
    """What was done to what. `before` and `after` are as the API shows it: without secrets; None: it was not there."""

    action: str
    entity: str
    entity_id: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    tenant: str | None = None

    def row(self, actor: Actor) -> tuple[Any, ...]:
        """Its values in the order of `ADD`. The tenant is that of what it tells of, unless told."""
        whose = self.tenant or (self.after or {}).get("tenant") or (self.before or {}).get("tenant")
        states = (_json(self.before), _json(self.after))
        return (*actor, self.action, self.entity, self.entity_id, whose, *states)


def add_entries(cursor: DictCursor, actor: Actor, entries: Sequence[Entry]) -> None:
    """Inside the transaction of what they tell of."""
    cursor.executemany(ADD, [entry.row(actor) for entry in entries])


def _json(state: Mapping[str, Any] | None) -> str | None:
    return None if state is None else json.dumps(state)


def read_entries(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` entries, newest first, that agree with `wanted` and lie behind `after`."""
    cursor.execute(*statement(wanted, after, limit))
    return order_of(wanted, ORDERS).arranged(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_entries` asks: among the indexes of what is filtered, MariaDB takes the one that leaves fewest."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    order = order_of(wanted, ORDERS)
    index = ", ".join(INDEXES[name] for name in values if name in INDEXES) or "audit_by_age"
    found = f"audit FORCE INDEX ({index}){order.clause([CONDITIONS[name] for name in values], after)}"
    sql = f"SELECT {COLUMNS} FROM (SELECT id FROM {found}) found STRAIGHT_JOIN audit FORCE INDEX (PRIMARY) USING (id)"  # noqa: S608
    return sql, values | order.values(after, limit)
