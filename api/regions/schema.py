"""Regions in answers."""

from __future__ import annotations

import marshmallow as ma

from api.fields import Answer, Flag, Instant


class RegionSchema(Answer):
    """What a region's agent reported last."""

    name = ma.fields.String(metadata={"example": "nw1"})
    address = ma.fields.String(metadata={"example": "192.0.2.1"})
    ready = Flag(
        metadata={"description": "Agent and gateway are alive and the region's data is loaded", "example": True}
    )
    heartbeat_at = Instant(allow_none=True, metadata={"description": "The agent's last word"})
    gateway_at = Instant(allow_none=True, metadata={"description": "The gateway's last pulse"})
    agent_started_at = Instant(allow_none=True, metadata={"description": "When the agent started"})
    gateway_started_at = Instant(allow_none=True, metadata={"description": "When the gateway started"})
    store_change = ma.fields.Integer(
        allow_none=True, metadata={"description": "Change that the region store holds", "example": 41}
    )
    applied_change = ma.fields.Integer(
        allow_none=True, metadata={"description": "Change that the gateway applies", "example": 41}
    )
    change = ma.fields.Integer(metadata={"description": "Newest change that was made", "example": 41})
    credentials = ma.fields.Integer(
        allow_none=True, metadata={"description": "That the region knows; null for who is bound", "example": 1200}
    )
    bindings = ma.fields.Integer(allow_none=True, metadata={"description": "Live ones", "example": 950})
    calls = ma.fields.Integer(
        allow_none=True, metadata={"description": "In progress, those included that just ended", "example": 87}
    )
    channels = ma.fields.Integer(
        allow_none=True,
        metadata={"description": "Slots of outbound calls that are taken, of all credentials (rule O3)", "example": 61},
    )
    test_limits = Flag(
        metadata={"description": "True on a test instance whose hard limits were changed", "example": False}
    )


class RegionList(Answer):
    """All regions of the settings, by name."""

    items = ma.fields.List(ma.fields.Nested(RegionSchema))
