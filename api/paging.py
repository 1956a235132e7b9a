"""Long lists, page by page. A page begins behind the last row of the one before (keyset), so that none is skipped."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import marshmallow as ma

from api.fields import Answer
from api.problems import wrong_field

MOST_ROWS: Final = 500
USUAL_ROWS: Final = 50


class Query(ma.Schema):
    """Query parameters; unknown ones are refused."""

    class Meta:
        unknown = ma.RAISE


class PageQuery(Query):
    """Query parameters of a list."""

    limit = ma.fields.Integer(
        load_default=USUAL_ROWS,
        validate=ma.validate.Range(1, MOST_ROWS),
        metadata={"description": "Rows a page, at most 500"},
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


def write_cursor(*keys: datetime | str | int) -> str:
    """An opaque text for the keys of a page's last row."""
    plain = [key.isoformat(timespec="milliseconds") if isinstance(key, datetime) else key for key in keys]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_moment_cursor(text: str) -> tuple[datetime, str]:
    """A moment and an identifier, from `write_cursor`. Errors: Refusal (422)."""
    keys = _read(text)
    if len(keys) != 2 or not all(isinstance(key, str) for key in keys):
        raise _foreign()
    try:
        return datetime.fromisoformat(keys[0]).replace(tzinfo=None), keys[1]
    except ValueError as error:
        raise _foreign() from error


def read_day_cursor(text: str) -> tuple[date, str]:
    """A day and a name, from `write_cursor`. Errors: Refusal (422)."""
    moment, name = read_moment_cursor(text)
    return moment.date(), name


def read_text_cursor(text: str) -> str:
    """A text, from `write_cursor`. Errors: Refusal (422)."""
    keys = _read(text)
    if len(keys) != 1 or not isinstance(keys[0], str):
        raise _foreign()
    return keys[0]


def read_number_cursor(text: str) -> int:
    """A row number, from `write_cursor`. Errors: Refusal (422)."""
    keys = _read(text)
    if len(keys) != 1 or not isinstance(keys[0], int) or not 0 <= keys[0] < 2**63:
        raise _foreign()
    return int(keys[0])


def page(rows: Sequence[Mapping[str, Any]], limit: int, *keys: str) -> dict[str, Any]:
    """A page of `rows`, of which one more than `limit` was asked for so as to know whether another page follows."""
    items = rows[:limit]
    more = len(rows) > limit
    return {"items": items, "next": write_cursor(*(items[-1][key] for key in keys)) if more else None}


def _read(text: str) -> list[Any]:
    try:
        keys = json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _foreign() from error
    return keys if isinstance(keys, list) else []


def _foreign() -> Exception:
    return wrong_field("after", "send what the page before gave as next, or leave it out")
