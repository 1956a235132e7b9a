"""Regions in answers."""

from __future__ import annotations

import marshmallow as ma

from api.fields import Answer, Flag, Instant


class RegionSchema(Answer):
    """What a region's agent reported last."""

    name = ma.fields.String(metadata={"example": "nw1"})
    address = ma.fields.String(metadata={"example": "192.0.2.1"})
    ready = Flag(metadata={"description": "Agent and gateway are alive and the region's data is loaded"})
    heartbeat_at = Instant(allow_none=True, metadata={"description": "The agent's last word"})
    gateway_at = Instant(allow_none=True, metadata={"description": "The gateway's last pulse"})
    agent_started_at = Instant(allow_none=True)
    gateway_started_at = Instant(allow_none=True)
    store_change = ma.fields.Integer(allow_none=True, metadata={"description": "Change that the region store holds"})
    applied_change = ma.fields.Integer(allow_none=True, metadata={"description": "Change that the gateway applies"})
    change = ma.fields.Integer(metadata={"description": "Newest change that was made"})
    credentials = ma.fields.Integer(allow_none=True)
    bindings = ma.fields.Integer(allow_none=True)
    calls = ma.fields.Integer(allow_none=True, metadata={"description": "In progress, those included that just ended"})
    channels = ma.fields.Integer(
        allow_none=True,
        metadata={"description": "Slots of outbound calls that are taken, of all credentials (rule O3)"},
    )
    test_limits = Flag(metadata={"description": "True on a test instance whose hard limits were changed"})


class RegionList(Answer):
    """All regions."""

    items = ma.fields.List(ma.fields.Nested(RegionSchema))
