"""Long lists in their order, page by page.

A page begins behind the last row of the one before (keyset), so that none is skipped.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

import marshmallow as ma

from api.fields import Answer
from api.problems import Refusal

MOST_ROWS: Final = 500
USUAL_ROWS: Final = 50
LARGEST_NUMBER: Final = 2**63 - 1

Place = tuple[Any, ...]
"""A row's values of what its list is sorted by."""


class Query(ma.Schema):
    """Query parameters; unknown ones are refused."""

    class Meta:
        unknown = ma.RAISE


class PageQuery(Query):
    """Query parameters of a list."""

    limit = ma.fields.Integer(
        load_default=USUAL_ROWS,
        validate=ma.validate.Range(1, MOST_ROWS),
        metadata={"description": "Rows a page, at most 500", "example": 100},
    )
    after = ma.fields.String(
        load_default=None, metadata={"description": "The `next` of the page before; without it, the first page"}
    )


class PageSchema(Answer):
    """What every page has beside its items."""

    next = ma.fields.String(
        allow_none=True,
        metadata={"description": "Send this as `after` for the next page; null on the last one", "example": None},
    )


class Key(NamedTuple):
    """What a list is sorted by: a field of its rows, the SQL column that it comes from, and what it holds."""

    name: str
    column: str
    kind: type


@dataclass(frozen=True)
class Order:
    """One way to sort a list. `name` is that of the query; a leading - is descending. The last key is unique."""

    name: str
    keys: tuple[Key, ...]

    def clause(self, where: Iterable[str], after: Place | None) -> str:
        """The end of a SELECT: rows that agree with `where` and lie behind `after`, in this order."""
        conditions = [*where, *([self.behind()] if after else [])]
        return f" WHERE {' AND '.join(conditions) or 'TRUE'}{self.by()}"

    def by(self) -> str:
        """The end of `clause`: the order, and how many rows."""
        way = " DESC" if self.name.startswith("-") else ""
        return f" ORDER BY {', '.join(f'{key.column}{way}' for key in self.keys)} LIMIT %(limit)s"

    def arranged(self, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a page in this order, where they were fetched in any."""
        return sorted(rows, key=self.place, reverse=self.name.startswith("-"))

    def values(self, after: Place | None, limit: int) -> dict[str, Any]:
        """The parameters of `clause`."""
        return {"limit": limit} | {f"behind_{number}": value for number, value in enumerate(after or ())}

    def place(self, row: Mapping[str, Any]) -> Place:
        """Where `row` stands."""
        return tuple(row[key.name] for key in self.keys)

    def behind(self) -> str:
        """The condition of rows behind a place, whose parameters `values` names."""
        sign, first, last = "<" if self.name.startswith("-") else ">", self.keys[0].column, self.keys[-1].column
        if len(self.keys) == 1:
            return f"{first} {sign} %(behind_0)s"
        return f"{first} {sign}= %(behind_0)s AND ({first} {sign} %(behind_0)s OR {last} {sign} %(behind_1)s)"


Orders = Mapping[str, Order]
"""By name; the first is the usual one."""


def orders(*names: str, **keys: tuple[Key, ...]) -> Orders:
    """Orders called `names`, such as "-at" and "at"; `keys` are what each sorts by."""
    return {name: Order(name, keys[name.removeprefix("-")]) for name in names}


def sort_field(choice: Orders) -> ma.fields.String:
    """The query parameter that chooses one of them."""
    return ma.fields.String(
        load_default=next(iter(choice)),
        validate=ma.validate.OneOf(list(choice)),
        metadata={
            "description": "What the list is sorted by; a leading - is descending",
            "example": next(iter(choice)),
        },
    )


def order_of(wanted: Mapping[str, Any], choice: Orders) -> Order:
    """The order that `wanted` asks for, or the usual one."""
    return choice[wanted.get("sort") or next(iter(choice))]


def place_of(query: Mapping[str, Any], choice: Orders) -> Place | None:
    """Behind which row the page begins that `query` asks for; None for the first. Errors: Refusal (404)."""
    if not query.get("after"):
        return None
    order = order_of(query, choice)
    name, *values = _read(query["after"]) or [None]
    if name != order.name or len(values) != len(order.keys):
        raise _unknown_page()
    return tuple(_value(value, key.kind) for value, key in zip(values, order.keys, strict=True))


def page(rows: Sequence[Mapping[str, Any]], query: Mapping[str, Any], choice: Orders) -> dict[str, Any]:
    """A page of `rows`, of which one more than its limit was asked for so as to know whether another page follows."""
    items, order = rows[: query["limit"]], order_of(query, choice)
    more = len(rows) > query["limit"]
    return {"items": items, "next": write_cursor(order.name, *order.place(items[-1])) if more else None}


def write_cursor(*keys: datetime | str | int) -> str:
    """An opaque text for the keys of a page's last row."""
    plain = [key.isoformat(timespec="milliseconds") if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_day_cursor(text: str) -> tuple[date, str]:
    """A day and a name, from `write_cursor`. Errors: Refusal (404)."""
    keys = _read(text)
    if len(keys) != 2:
        raise _unknown_page()
    return _value(keys[0], datetime).date(), _value(keys[1], str)


def _read(text: str) -> list[Any]:
    try:
        keys = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _unknown_page() from error
    return keys if isinstance(keys, list) else []


def _value(value: Any, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        return _moment(value)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise _unknown_page()
    if isinstance(value, int) and not 0 <= value <= LARGEST_NUMBER:
        raise _unknown_page()
    if isinstance(value, str) and not value.isascii():
        raise _unknown_page()
    return value


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError as error:
        raise _unknown_page() from error


def _unknown_page() -> Refusal:
    hint = "send as after what the page before gave as next, with the same sort, or leave it out"
    return Refusal(404, "unknown-page", f"There is no such page: {hint}.")
