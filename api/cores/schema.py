"""Core gateways in requests and answers (rules O6 and I1)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import marshmallow as ma

from api.fields import (
    CREATED,
    UPDATED,
    Answer,
    AppliedSchema,
    Body,
    Flag,
    Instant,
    WholeNumber,
    filter_field,
    host_address,
    name_field,
    one_of,
    region_name,
)
from api.paging import Query

EXAMPLE: Final[dict[str, object]] = {
    "id": "co-x7k2m9p4q8wz",
    "region": "nw1",
    "address": "192.0.2.200",
    "port": 5060,
    "label": "Softswitch A",
    "enabled": True,
    "created_at": "2026-01-31T12:00:00.000Z",
    "updated_at": "2026-01-31T12:00:00.000Z",
}
APPLIED: Final = {"change": 41, "pending_regions": []}


class NewCore(Body):
    """A core gateway to be."""

    region = ma.fields.String(
        required=True,
        validate=region_name,
        metadata={"description": "The region whose calls it takes and makes", "example": "nw1"},
    )
    address = ma.fields.String(
        required=True, validate=host_address, metadata={"description": "IPv4", "example": "192.0.2.200"}
    )
    port = WholeNumber(
        load_default=5060,
        validate=ma.validate.Range(1, 65535),
        metadata={"description": "UDP; calls come in from any port of the address", "example": 5060},
    )
    label = name_field("What people call it", "Softswitch A", allow_none=True, load_default=None)
    enabled = Flag(load_default=True, metadata={"description": "Whether calls are sent there", "example": True})


class CoreChange(Body):
    """What can be changed of a core gateway."""

    rules: ClassVar = one_of("label", "enabled")

    label = name_field("What people call it", "Softswitch A", allow_none=True)
    enabled = Flag(metadata={"description": "Whether calls are sent there", "example": True})

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: label or enabled")


class CoreQuery(Query):
    """Which core gateways to list."""

    region = filter_field("Name of the region", "nw1")


class CoreSchema(Answer):
    """A core gateway."""

    id = ma.fields.String(metadata={"example": "co-x7k2m9p4q8wz"})
    region = ma.fields.String(metadata={"example": "nw1"})
    address = ma.fields.String(metadata={"description": "IPv4", "example": "192.0.2.200"})
    port = ma.fields.Integer(metadata={"description": "UDP", "example": 5060})
    label = ma.fields.String(allow_none=True, metadata={"example": "Softswitch A"})
    enabled = Flag(metadata={"description": "Whether calls are sent there", "example": True})
    created_at = Instant(metadata=CREATED)
    updated_at = Instant(metadata=UPDATED)


class CoreChanged(CoreSchema, AppliedSchema):
    """A core gateway, and how far the change has come."""


class CoreDeleted(AppliedSchema):
    """The core gateway that is no more."""

    id = ma.fields.String(metadata={"example": "co-x7k2m9p4q8wz"})


class CoreList(Answer):
    """All core gateways, by region and address."""

    items = ma.fields.List(ma.fields.Nested(CoreSchema))
