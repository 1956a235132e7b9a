"""Call records in answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.cdrs.store import ORDERS
from api.fields import CREDENTIAL_EXAMPLE, Answer, Flag, Instant, Moment
from api.paging import PageQuery, PageSchema, Query, sort_field

DIRECTIONS: Final = ("outbound", "inbound")
EXAMPLE: Final = {
    "id": "c-6f1c0a9e",
    "region": "nw1",
    "direction": "outbound",
    "credential": CREDENTIAL_EXAMPLE,
    "username": "k3v8n2mq7x4t",
    "number": None,
    "tenant": "acme-42",
    "caller": "+14155550100",
    "callee": "+12125550123",
    "address": "192.0.2.7",
    "port": 5062,
    "core": "192.0.2.200:5060",
    "via": None,
    "call_id": "3c26700c-1f0a",
    "emergency": False,
    "started_at": "2026-01-31T12:00:00.123Z",
    "rang_at": "2026-01-31T12:00:01.000Z",
    "answered_at": "2026-01-31T12:00:05.000Z",
    "ended_at": "2026-01-31T12:01:05.000Z",
    "seconds": 60,
    "ended_by": "caller",
    "code": 200,
    "rule": None,
    "cause": None,
}


class Party(ma.fields.String):
    """A caller or callee. A plus that was not written as %2B in the URL arrives as a space."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> str:
        text = str(super()._deserialize(value, *rest, **more))
        return f"+{text[1:]}" if text.startswith(" ") else text


def party(who: str) -> Party:
    """A filter for who called or what was dialled."""
    return Party(
        validate=ma.validate.Length(1, 128),
        metadata={"description": f"{who}, as it was sent; a * at the end stands for the rest", "example": "+1415*"},
    )


def direction(**options: Any) -> ma.fields.String:
    """outbound or inbound."""
    described = "outbound from a PBX, inbound from a core"
    return ma.fields.String(
        validate=ma.validate.OneOf(DIRECTIONS), metadata={"description": described, "example": "outbound"}, **options
    )


class CallFilter(Query):
    """Which calls, live or ended."""

    region = ma.fields.String()
    direction = direction()
    credential = ma.fields.String(metadata={"description": "A credential's id or username"})
    number = Party(metadata={"description": "The number that was called in, in E.164"})
    tenant = ma.fields.String(metadata={"description": "Account ID of the tenant"})


class CdrFilter(CallFilter):
    """Which call records."""

    caller = party("Who called")
    callee = party("What was dialled")
    code = ma.fields.Integer(
        validate=ma.validate.Range(100, 699), metadata={"description": "Final SIP status", "example": 486}
    )
    answered = ma.fields.Boolean()
    rule = ma.fields.String(metadata={"description": "Such as O2: what the gateway refused or ended it for"})
    since = Moment(metadata={"description": "Started at this time or later", "example": "2026-01-31T12:00:00Z"})
    until = Moment(metadata={"description": "Started before this time", "example": "2026-02-01"})


class CdrQuery(PageQuery, CdrFilter):
    """Which call records to list."""

    sort = sort_field(ORDERS)


class CdrSchema(Answer):
    """A call that has ended, or was refused."""

    id = ma.fields.String()
    region = ma.fields.String()
    direction = direction(allow_none=True)
    credential = ma.fields.String(allow_none=True)
    username = ma.fields.String(allow_none=True)
    number = ma.fields.String(allow_none=True, metadata={"description": "The number that was called in, in E.164"})
    tenant = ma.fields.String(
        allow_none=True, metadata={"description": "Of the credential (outbound, O5) or of the number (inbound, I5)"}
    )
    caller = ma.fields.String(allow_none=True, metadata={"description": "User part of From"})
    callee = ma.fields.String(allow_none=True, metadata={"description": "What was dialled"})
    address = ma.fields.String(allow_none=True, metadata={"description": "Where the INVITE came from"})
    port = ma.fields.Integer(allow_none=True)
    core = ma.fields.String(allow_none=True, metadata={"description": "The core gateway's address and port"})
    via = ma.fields.String(
        allow_none=True, metadata={"description": "Inbound: the other region, when that one reached the PBX (I3)"}
    )
    call_id = ma.fields.String(allow_none=True)
    emergency = Flag()
    started_at = Instant()
    rang_at = Instant(allow_none=True)
    answered_at = Instant(allow_none=True)
    ended_at = Instant()
    seconds = ma.fields.Integer(metadata={"description": "From the answer to the end"})
    ended_by = ma.fields.String(
        allow_none=True, metadata={"description": "caller, callee, gateway (refused, timed out) or administrator"}
    )
    code = ma.fields.Integer(allow_none=True, metadata={"description": "The final SIP status of the INVITE"})
    rule = ma.fields.String(allow_none=True, metadata={"description": "When the gateway refused or ended it"})
    cause = ma.fields.String(allow_none=True)


class CdrPage(PageSchema):
    """Call records, newest first."""

    items = ma.fields.List(ma.fields.Nested(CdrSchema))
