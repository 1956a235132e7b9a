"""Call records in answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.cdrs.store import ORDERS
from api.fields import CREDENTIAL_EXAMPLE, Answer, Flag, Instant, Moment, Switch, filter_field, name_wanted
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

    region = filter_field("Name of the region", "nw1")
    direction = direction()
    credential = filter_field("A credential's id or username", CREDENTIAL_EXAMPLE)
    number = Party(
        validate=name_wanted,
        metadata={"description": "The number that was called in, in E.164", "example": "+14155550100"},
    )
    tenant = filter_field("Account ID of the tenant", "acme-42")


class CdrFilter(CallFilter):
    """Which call records."""

    caller = party("Who called")
    callee = party("What was dialled")
    code = ma.fields.Integer(
        validate=ma.validate.Range(100, 699), metadata={"description": "Final SIP status", "example": 486}
    )
    answered = Switch(metadata={"description": "Whether it was answered", "example": True})
    rule = filter_field("What the gateway refused or ended it for", "O2")
    since = Moment(metadata={"description": "Started at this time or later", "example": "2026-01-31T12:00:00Z"})
    until = Moment(metadata={"description": "Started before this time", "example": "2026-02-01"})


class CdrQuery(PageQuery, CdrFilter):
    """Which call records to list."""

    sort = sort_field(ORDERS)


def _said(field: str, description: str | None = None) -> dict[str, Any]:
    described = {"description": description} if description else {}
    return {"example": EXAMPLE[field]} | described


class CdrSchema(Answer):
    """A call that has ended, or was refused."""

    id = ma.fields.String(metadata=_said("id"))
    region = ma.fields.String(metadata=_said("region"))
    direction = direction(allow_none=True)
    credential = ma.fields.String(allow_none=True, metadata=_said("credential"))
    username = ma.fields.String(allow_none=True, metadata=_said("username"))
    number = ma.fields.String(allow_none=True, metadata=_said("number", "The number that was called in, in E.164"))
    tenant = ma.fields.String(
        allow_none=True, metadata=_said("tenant", "Of the credential (outbound, O5) or of the number (inbound, I5)")
    )
    caller = ma.fields.String(allow_none=True, metadata=_said("caller", "User part of From"))
    callee = ma.fields.String(allow_none=True, metadata=_said("callee", "What was dialled"))
    address = ma.fields.String(allow_none=True, metadata=_said("address", "Where the INVITE came from"))
    port = ma.fields.Integer(allow_none=True, metadata=_said("port"))
    core = ma.fields.String(allow_none=True, metadata=_said("core", "The core gateway's address and port"))
    via = ma.fields.String(
        allow_none=True, metadata=_said("via", "Inbound: the other region, when that one reached the PBX (I3)")
    )
    call_id = ma.fields.String(allow_none=True, metadata=_said("call_id", "SIP's Call-ID"))
    emergency = Flag(metadata=_said("emergency", "To an emergency number (O4)"))
    started_at = Instant(metadata=_said("started_at", "When the INVITE came"))
    rang_at = Instant(allow_none=True, metadata=_said("rang_at", "When it began to ring"))
    answered_at = Instant(allow_none=True, metadata=_said("answered_at", "When it was answered"))
    ended_at = Instant(metadata=_said("ended_at", "When it ended or was refused"))
    seconds = ma.fields.Integer(metadata=_said("seconds", "From the answer to the end"))
    ended_by = ma.fields.String(
        allow_none=True, metadata=_said("ended_by", "caller, callee, gateway (refused, timed out) or administrator")
    )
    code = ma.fields.Integer(allow_none=True, metadata=_said("code", "The final SIP status of the INVITE"))
    rule = ma.fields.String(allow_none=True, metadata=_said("rule", "When the gateway refused or ended it"))
    cause = ma.fields.String(allow_none=True, metadata=_said("cause", "Why, in one word"))


class CdrPage(PageSchema):
    """Call records, newest first."""

    items = ma.fields.List(ma.fields.Nested(CdrSchema))
