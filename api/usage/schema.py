"""Usage in answers."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from api.cdrs.schema import direction
from api.fields import Answer
from api.paging import PageQuery, PageSchema


def _day(description: str) -> ma.fields.Date:
    messages: dict[str, Any] = {"invalid": "write a day, such as 2026-01-31"}
    return ma.fields.Date(error_messages=messages, metadata={"description": description, "example": "2026-01-31"})


class UsageQuery(PageQuery):
    """Whose usage, and of which days."""

    tenant = ma.fields.String(metadata={"description": "Account ID of the tenant"})
    since = _day("First day in UTC; 30 days before the last unless told")
    until = _day("Last day; today unless told")


class UsageSchema(Answer):
    """What one tenant's calls of one day and direction add up to."""

    day = ma.fields.Date(metadata={"description": "On which the calls started (UTC)", "example": "2026-01-31"})
    tenant = ma.fields.String(
        allow_none=True, metadata={"description": "Null for calls of nobody", "example": "acme-42"}
    )
    direction = direction()
    calls = ma.fields.Integer(metadata={"description": "Attempts, refused ones included", "example": 120})
    answered = ma.fields.Integer(metadata={"example": 80})
    seconds = ma.fields.Integer(metadata={"description": "Talked", "example": 14400})


class UsagePage(PageSchema):
    """Usage, newest day first."""

    items = ma.fields.List(ma.fields.Nested(UsageSchema))
