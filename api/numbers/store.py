"""Numbers in MariaDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.paging import Key, Orders, Place, order_of, orders
from api.rows import read_among, update_row

SHOWN: Final = (
    "number.number, number.label, number.tenant, route.id AS credential, route.username,"
    " number.created_at, number.updated_at, number.revision"
)
ROUTE: Final = "LEFT JOIN credential route ON route.id = number.credential"
OWN_ROUTE: Final = f"{ROUTE} AND route.tenant = %(scope)s"
"""A tenant does not learn of a credential that is not its own: the number then looks as if it had no route."""
CHANGEABLE: Final = ("label", "tenant", "credential")
CONDITIONS: Final = {
    "scope": "number.tenant = %(scope)s",
    "tenant": "number.tenant = %(tenant)s",
    "credential": (
        "number.credential = COALESCE((SELECT id FROM credential WHERE id = %(credential)s),"
        " (SELECT id FROM credential WHERE username = %(credential)s))"
    ),
    "prefix": "number.number LIKE %(prefix)s",
    "routed": "number.routed = %(routed)s",
}
OWN: Final = (
    "EXISTS (SELECT 1 FROM credential own FORCE INDEX (credential_of_tenant)"
    " WHERE own.tenant = %(scope)s AND own.id = number.credential)"
)
SEEN: Final = CONDITIONS | {
    "credential": f"{CONDITIONS['credential']} AND {OWN}",
    "routed": f"{OWN} = %(routed)s",
    "unrouted": (
        "(number.credential IS NULL OR number.credential NOT IN"
        " (SELECT own.id FROM credential own WHERE own.tenant = %(scope)s))"
    ),
}
"""What a filter means to one who sees a single tenant. `unrouted` is `routed` false: all own ids at once, since it may
find none, and so look at all numbers."""
ORDERS: Final[Orders] = orders("number", "-number", number=(Key("number", "number.number", str),))
MOST_NAMED: Final = 100


def insert_numbers(cursor: DictCursor, numbers: Sequence[Mapping[str, Any]]) -> None:
    """Errors: IntegrityError when there is one of them already."""
    cursor.executemany(
        "INSERT INTO number (number, label, tenant, credential)"
        " VALUES (%(number)s, %(label)s, %(tenant)s, %(credential)s)",
        numbers,
    )


def read_existing(cursor: DictCursor, numbers: Sequence[str]) -> dict[str, str]:
    """Those of these numbers that there are, by themselves."""
    return read_among(cursor, "SELECT number AS name, number AS value FROM number WHERE number IN %s", numbers)


def read_number(cursor: DictCursor, number: str, scope: str | None = None) -> dict[str, Any] | None:
    """One number's row; with `scope`, only one of that tenant, as that may see it."""
    where, route = ("TRUE", ROUTE) if scope is None else (CONDITIONS["scope"], OWN_ROUTE)
    cursor.execute(
        f"SELECT {SHOWN} FROM number {route} WHERE number.number = %(number)s AND {where}",  # noqa: S608
        {"number": number, "scope": scope},
    )
    return cursor.fetchone()


def lock_number(cursor: DictCursor, number: str) -> dict[str, Any] | None:
    """The same; nobody else can change the number until the transaction ends."""
    cursor.execute("SELECT 1 FROM number WHERE number = %s FOR UPDATE", (number,))
    return read_number(cursor, number) if cursor.fetchone() else None


def read_numbers(
    cursor: DictCursor, wanted: Mapping[str, Any], after: Place | None, limit: int
) -> list[dict[str, Any]]:
    """Up to `limit` numbers that agree with `wanted` and lie behind `after`, in the order that `wanted` names."""
    cursor.execute(*statement(wanted, after, limit))
    return order_of(wanted, ORDERS).arranged(cursor.fetchall())


def statement(wanted: Mapping[str, Any], after: Place | None, limit: int) -> tuple[str, dict[str, Any]]:
    """What `read_numbers` asks: it walks an index in the order of numbers, then fetches what it found."""
    values = {name: wanted[name] for name in CONDITIONS if wanted.get(name) is not None}
    conditions, route = (SEEN, OWN_ROUTE) if "scope" in values else (CONDITIONS, ROUTE)
    order, unrouted = order_of(wanted, ORDERS), "scope" in values and values.get("routed") is False
    named = ["unrouted" if name == "routed" and unrouted else name for name in values]
    found = order.clause([conditions[name] for name in named], after)
    sql = (
        f"SELECT {SHOWN} FROM (SELECT number FROM number FORCE INDEX ({_index(values)}){found}) found"  # noqa: S608
        f" STRAIGHT_JOIN number FORCE INDEX (PRIMARY) USING (number) {route}"
    )
    return sql, values | {"prefix": f"+{values.get('prefix', '').lstrip('+')}%"} | order.values(after, limit)


def _index(values: Mapping[str, Any]) -> str:
    if "credential" in values:
        return "number_credential"
    if "scope" in values or ("tenant" in values and "routed" not in values):
        return "number_tenant_route"
    if "tenant" in values:
        return "number_tenant_routed"
    return "number_routed" if "routed" in values else "PRIMARY"


def update_number(cursor: DictCursor, number: str, change: Mapping[str, Any]) -> None:
    """Set those of label, tenant and credential that `change` holds."""
    update_row(cursor, "number", ("number", number), change, CHANGEABLE)


def delete_number(cursor: DictCursor, number: str) -> None:
    """The number is nobody's any more."""
    cursor.execute("DELETE FROM number WHERE number = %s", (number,))


def count_used(cursor: DictCursor, column: str, value: str) -> int:
    """How many numbers name a tenant, or are routed to a credential (rule T3); `column` says which."""
    cursor.execute(f"SELECT COUNT(*) AS n FROM number WHERE {_known(column)} = %s", (value,))  # noqa: S608
    return int((cursor.fetchone() or {"n": 0})["n"])


def read_used(cursor: DictCursor, column: str, value: str, tenant: str | None = None) -> list[dict[str, Any]]:
    """The first hundred numbers of `count_used`; those of one tenant, if that is named."""
    cursor.execute(
        f"SELECT number, label FROM number WHERE {_known(column)} = %s AND (%s IS NULL OR tenant = %s)"  # noqa: S608
        " ORDER BY number LIMIT %s",
        (value, tenant, tenant, MOST_NAMED),
    )
    return [{"type": "number", **row} for row in cursor.fetchall()]


def _known(column: str) -> str:
    if column not in ("tenant", "credential"):
        raise ValueError(column)
    return column
