"""Live calls in answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.calls.store import ORDERS
from api.cdrs.schema import EXAMPLE as CDR
from api.cdrs.schema import CallFilter, CdrSchema
from api.fields import AppliedSchema, Instant
from api.paging import PageQuery, PageSchema, sort_field

ENDED: Final = ("ended_at", "seconds", "ended_by", "code", "rule", "cause")
EXAMPLE: Final = {name: value for name, value in CDR.items() if name not in ENDED} | {
    "state": "answered",
    "since": "2026-01-31T12:00:05.000Z",
    "duration": 42,
}
ENDING: Final = {"id": "c-6f1c0a9e", "region": "nw1", "change": 41, "pending_regions": []}


class CallQuery(PageQuery, CallFilter):
    """Which live calls to list."""

    sort = sort_field(ORDERS)


class CallSchema(CdrSchema):
    """A call in progress."""

    class Meta:
        exclude = ENDED

    state = ma.fields.String(
        metadata={"description": "ringing until it is answered, then answered", "example": "answered"}
    )
    since = Instant(metadata={"description": "When that state began"})
    duration = ma.fields.Integer(metadata={"description": "Seconds in that state", "example": 42})


class CallPage(PageSchema):
    """Live calls, newest first."""

    items = ma.fields.List(ma.fields.Nested(CallSchema))


class CallEnding(AppliedSchema):
    """The call that its region ends."""

    id = ma.fields.String(metadata={"example": "c-6f1c0a9e"})
    region = ma.fields.String(metadata={"example": "nw1"})
