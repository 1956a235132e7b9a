"""Events in answers."""

from __future__ import annotations

import marshmallow as ma

from api.events.store import ORDERS
from api.fields import CREDENTIAL_EXAMPLE, Answer, Instant, filter_field
from api.paging import PageQuery, PageSchema, sort_field


class EventQuery(PageQuery):
    """Which events to list."""

    credential = filter_field("A credential's id or username", CREDENTIAL_EXAMPLE)
    region = filter_field("Name of the region", "nw1")
    rule = filter_field("What was refused or done by it", "R4")
    address = filter_field("Source address", "192.0.2.7")
    sort = sort_field(ORDERS)


class EventSchema(Answer):
    """Why a region refused something, or what the service did or noticed of its own accord."""

    id = ma.fields.Integer(metadata={"example": 4711})
    region = ma.fields.String(
        allow_none=True, metadata={"description": "null: not a region's, but the service's", "example": "nw1"}
    )
    at = Instant(metadata={"description": "When it happened; the first of several"})
    until = Instant(
        allow_none=True, metadata={"description": "End of the span when several are counted together", "example": None}
    )
    count = ma.fields.Integer(metadata={"description": "How many are counted together", "example": 1})
    rule = ma.fields.String(metadata={"example": "R4"})
    cause = ma.fields.String(metadata={"example": "early"})
    code = ma.fields.Integer(allow_none=True, metadata={"description": "SIP status", "example": 429})
    retry_after = ma.fields.Integer(allow_none=True, metadata={"description": "Seconds", "example": 59})
    username = ma.fields.String(allow_none=True, metadata={"description": "As claimed", "example": "k3v8n2mq7x4t"})
    credential = ma.fields.String(
        allow_none=True, metadata={"description": "Set when the password was proven", "example": CREDENTIAL_EXAMPLE}
    )
    address = ma.fields.String(allow_none=True, metadata={"example": "192.0.2.7"})
    port = ma.fields.Integer(allow_none=True, metadata={"example": 5062})
    user_agent = ma.fields.String(allow_none=True, metadata={"example": "Asterisk PBX 22"})
    method = ma.fields.String(allow_none=True, metadata={"example": "REGISTER"})
    call_id = ma.fields.String(allow_none=True, metadata={"description": "SIP's Call-ID", "example": "3c26700c-1f0a"})
    sentence = ma.fields.String(
        metadata={
            "example": "registered 41 s after the last registration; the minimum is 100 s; next allowed at 14:03:20 UTC"
        }
    )


class EventPage(PageSchema):
    """Events, newest first."""

    items = ma.fields.List(ma.fields.Nested(EventSchema))
