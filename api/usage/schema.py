"""Usage in answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.cdrs.schema import direction
from api.fields import Answer, Day, filter_field
from api.paging import PageQuery, PageSchema, Query

EXAMPLE: Final = "day,tenant,direction,calls,answered,seconds\r\n2026-01-31,acme-42,outbound,120,80,14400\r\n"
COLUMNS: Final = tuple(EXAMPLE.splitlines()[0].split(","))


class UsageFilter(Query):
    """Whose usage, and of which days."""

    tenant = filter_field("Account ID of the tenant", "acme-42")
    since = Day(
        metadata={"description": "First day in UTC; 30 days before the last unless told", "example": "2026-01-01"}
    )
    until = Day(metadata={"description": "Last day; today unless told", "example": "2026-01-31"})


class UsageQuery(PageQuery, UsageFilter):
    """Which usage to list."""


class UsageSchema(Answer):
    """What one tenant's calls of one day and direction add up to."""

    day = ma.fields.Date(metadata={"description": "On which the calls started (UTC)", "example": "2026-01-31"})
    tenant = ma.fields.String(
        allow_none=True, metadata={"description": "Null for calls of nobody", "example": "acme-42"}
    )
    direction = direction()
    calls = ma.fields.Integer(metadata={"description": "Attempts, refused ones included", "example": 120})
    answered = ma.fields.Integer(metadata={"description": "Those that were answered", "example": 80})
    seconds = ma.fields.Integer(metadata={"description": "Talked", "example": 14400})


class UsagePage(PageSchema):
    """Usage, newest day first."""

    items = ma.fields.List(ma.fields.Nested(UsageSchema))
