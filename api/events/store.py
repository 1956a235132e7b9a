"""Events in MariaDB, which the regions' agents write, and the housekeeper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Order, Orders, Place, order_of, orders

COLUMNS: Final = (
    "id, region, at, until, count, rule, cause, code, retry_after, username, credential, address, port, user_agent,"
    " method, call_id, sentence"
)
CONDITIONS: Final = {
    "region": "region = %(region)s",
    "rule": "rule = %(rule)s",
    "address": "address = %(address)s",
}
"""Each has an index of its name, and MariaDB takes the one that leaves the fewest rows."""
BY_USERNAME: Final = {
    "address": "event_address_username",
    "rule": "event_rule_username",
    "region": "event_region_username",
}
"""Where the events of given usernames are found that a filter lets pass; the first that is asked for chooses."""
OF_CREDENTIAL: Final = {
    "credential": "credential = %(credential)s",
    "username": "username = COALESCE((SELECT username FROM credential WHERE id = %(credential)s), %(credential)s)",
}
"""Each of them is an index of its own: together in one condition they would be a walk through all events."""
OWN: Final = (
    "EXISTS (SELECT 1 FROM credential own"
    " WHERE own.username = CONVERT(event.username USING ascii) AND own.tenant = %(scope)s)"
)
OF_OWN: Final = (
    "SELECT event.id FROM credential own FORCE INDEX (credential_tenant_by_username)"
    " STRAIGHT_JOIN event FORCE INDEX ({index}) ON event.username = CONVERT(own.username USING utf8mb4)"
    " WHERE own.tenant = %(scope)s AND {where} LIMIT %(few)s"
)
AMONG: Final = "id IN %(own)s"
FEW: Final = 2000
"""Where a tenant has fewer that a filter finds, all are looked up; where it has more, the latest are soon found."""
ORDERS: Final[Orders] = orders("-id", "id", id=(Key("id", "id", int),))


def read_events(cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int) -> list[dict[str, Any]]:
    """Up to `limit` events that agree with `wanted` and lie behind `after`, in the order that `wanted` names.

    `credential` is an id or a username: what was claimed with a wrong password counts as the credential's, too.
    With `scope`, those whose username is a credential's of that tenant.
    """
    own = None if wanted.get("scope") is None else _few_own(cursor, wanted)
    if own == []:
        return []
    cursor.execute(*statement(wanted, after, limit, own))
    return list(cursor.fetchall())


def statement(
    wanted: Mapping[str, Any], after: Place | None, limit: int, own: Sequence[int] | None = None
) -> tuple[str, dict[str, Any]]:
    """What `read_events` asks, which walks an index in its order; `own` are all events of the scope, if few."""
    order = order_of(wanted, ORDERS)
    chosen = {name: CONDITIONS[name] for name in CONDITIONS if wanted.get(name) is not None}
    seen = [] if wanted.get("scope") is None else [OWN] if own is None else [AMONG]
    values = {**wanted, "own": own} | order.values(after, limit)
    if wanted.get("credential") is None:
        return _select(chosen, seen, order, after), values
    each = (_select({name: whose} | chosen, seen, order, after) for name, whose in OF_CREDENTIAL.items())
    return f"({') UNION ('.join(each)}){order.by()}", values


def own_statements(wanted: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What finds a tenant's events with what tells most of `wanted`, as long as they are few; the last does.

    One before it, if any, finds anybody's: where they are few, it needs no other way.
    """
    chosen = next((name for name in BY_USERNAME if wanted.get(name) is not None), None)
    values = {**wanted, "few": FEW}
    if chosen is None:
        return [(OF_OWN.format(index="event_username", where="TRUE"), values)]
    anybodys = f"SELECT id FROM event FORCE INDEX (event_{chosen}) WHERE {CONDITIONS[chosen]} LIMIT %(few)s"  # noqa: S608
    return [(anybodys, values), (OF_OWN.format(index=BY_USERNAME[chosen], where=CONDITIONS[chosen]), values)]


def _few_own(cursor: DictCursor, wanted: Mapping[str, Any]) -> list[int] | None:
    """The events to look among; None: it is as well to look among all."""
    *before, last = own_statements(wanted)
    for sql, values in before:
        if cursor.execute(sql, values) < FEW:
            return None
    cursor.execute(*last)
    found = [int(row["id"]) for row in cursor.fetchall()]
    return found if len(found) < FEW else None


def _select(chosen: Mapping[str, str], seen: Sequence[str], order: Order, after: Place | None) -> str:
    """Events that agree with `chosen`, by the names of their indexes, and with `seen`."""
    index = "PRIMARY" if AMONG in seen else ", ".join(f"event_{name}" for name in chosen) or "PRIMARY"
    clause = order.clause([*chosen.values(), *seen], after)
    return f"SELECT {COLUMNS} FROM event FORCE INDEX ({index}){clause}"  # noqa: S608


def add_event(
    cursor: DictCursor, rule: str, cause: str, credential: Mapping[str, Any], sentence: str, details: Mapping[str, Any]
) -> None:
    """One of no region, about a credential (`id` and `username` of its row). `details` are what the sentence tells."""
    cursor.execute(
        "INSERT INTO event (region, at, rule, cause, username, credential, sentence, data)"
        " VALUES (NULL, UTC_TIMESTAMP(3), %s, %s, %s, %s, %s, %s)",
        (rule, cause, credential["username"], credential["id"], sentence, json.dumps(dict(details))),
    )
