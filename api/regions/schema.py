"""Regions in requests and answers."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import marshmallow as ma

from api.fields import CREATED, UPDATED, Answer, AppliedSchema, Body, Flag, Instant, host_address, name_field, one_of
from api.regions.store import OUT, STATES
from api.texts import REGION, Pattern

NAME: Final = {"description": "Also the name of its A records: <name>.reg.<domain>", "example": "eu1"}
ADDRESS: Final = {"description": "IPv4; its gateway listens on UDP port 5060 of it", "example": "192.0.2.30"}
STATE: Final = {
    "description": "in-service: in SRV records; draining: serves, but is in no SRV record; out: in no DNS, and other "
    "regions do not know it (rules D1 and D2)",
    "example": "in-service",
}
FORCE: Final = {
    "description": "Also when no region would be in service, or when this one is not ready",
    "example": False,
}


class NewRegion(Body):
    """A region to be."""

    name = ma.fields.String(
        required=True,
        validate=Pattern(REGION, "write 1 to 15 small letters, digits and hyphens, a letter first and no hyphen last"),
        metadata=NAME,
    )
    address = ma.fields.String(required=True, validate=host_address, metadata=ADDRESS)
    label = name_field("What people call it", "Frankfurt", allow_none=True, load_default=None)
    state = ma.fields.String(load_default=OUT, validate=ma.validate.OneOf(STATES), metadata=STATE | {"example": OUT})
    force = Flag(load_default=False, metadata=FORCE)


class RegionChange(Body):
    """What can be changed of a region."""

    rules: ClassVar = one_of("label", "state", "address")

    label = name_field("What people call it", "Frankfurt", allow_none=True)
    state = ma.fields.String(validate=ma.validate.OneOf(STATES), metadata=STATE)
    address = ma.fields.String(validate=host_address, metadata=ADDRESS)
    force = Flag(load_default=False, metadata=FORCE)

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data.keys() - {"force"}:
            raise ma.ValidationError("name what shall change: label, state or address")


class PlaceSchema(Answer):
    """What the administrator says of a region."""

    name = ma.fields.String(metadata=NAME)
    address = ma.fields.String(metadata=ADDRESS)
    state = ma.fields.String(validate=ma.validate.OneOf(STATES), metadata=STATE)
    label = ma.fields.String(allow_none=True, metadata={"description": "What people call it", "example": "Frankfurt"})
    created_at = Instant(metadata=CREATED)
    updated_at = Instant(metadata=UPDATED)


class RegionSchema(PlaceSchema):
    """A region, and what its agent reported last."""

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
    calls_per_second = ma.fields.Float(
        allow_none=True,
        metadata={
            "description": "Calls that started in the last 10 s, divided by 10; null for who is bound",
            "example": 1.4,
        },
    )
    test_limits = Flag(
        metadata={"description": "True on a test instance whose hard limits were changed", "example": False}
    )
    configuration = ma.fields.Integer(
        allow_none=True,
        metadata={"description": "Version of the configuration in force; null for who is bound", "example": 3},
    )
    configuration_digest = ma.fields.String(
        allow_none=True,
        metadata={"description": "SHA-256 of the files in force; null for who is bound", "example": "9f1c" * 16},
    )
    dead_cores = ma.fields.List(
        ma.fields.String(),
        allow_none=True,
        metadata={
            "description": "Core gateways that do not answer (rule O6); null for who is bound, and while unknown",
            "example": ["192.0.2.201:5060"],
        },
    )


class RegionChanged(PlaceSchema, AppliedSchema):
    """A region as it shall be, and how far the change has come."""


class RegionDeleted(AppliedSchema):
    """The region that is no more."""

    name = ma.fields.String(metadata=NAME)


class RegionList(Answer):
    """All regions, by name."""

    items = ma.fields.List(ma.fields.Nested(RegionSchema))
