"""Core gateways in requests and answers (rules O6 and I1)."""

from __future__ import annotations

from ipaddress import AddressValueError, IPv4Address, IPv4Network
from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, AppliedSchema, Body, Flag, Instant, name_field

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
THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")
APPLIED: Final = {"change": 41, "pending_regions": []}


def host_address(value: str) -> None:
    """An IPv4 address that a host can have (rule W1: UDP over IPv4). Errors: ValidationError."""
    try:
        address = IPv4Address(value)
    except AddressValueError as error:
        raise ma.ValidationError("write an IPv4 address, such as 192.0.2.200: no name is looked up") from error
    if address in THIS_NETWORK or address.is_multicast or address.is_reserved:
        raise ma.ValidationError("this is no host's address")


class NewCore(Body):
    """A core gateway to be."""

    region = ma.fields.String(
        required=True, metadata={"description": "The region whose calls it takes and makes", "example": "nw1"}
    )
    address = ma.fields.String(
        required=True, validate=host_address, metadata={"description": "IPv4", "example": "192.0.2.200"}
    )
    port = ma.fields.Integer(
        load_default=5060,
        strict=True,
        validate=ma.validate.Range(1, 65535),
        metadata={"description": "UDP; calls come in from any port of the address"},
    )
    label = name_field("What people call it", "Softswitch A", allow_none=True, load_default=None)
    enabled = Flag(load_default=True, metadata={"description": "Whether calls are sent there"})


class CoreChange(Body):
    """What can be changed of a core gateway."""

    label = name_field("What people call it", "Softswitch A", allow_none=True)
    enabled = Flag(metadata={"description": "Whether calls are sent there"})

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: label or enabled")


class CoreQuery(ma.Schema):
    """Which core gateways to list."""

    region = ma.fields.String(metadata={"description": "Name of the region"})


class CoreSchema(Answer):
    """A core gateway."""

    id = ma.fields.String()
    region = ma.fields.String()
    address = ma.fields.String()
    port = ma.fields.Integer()
    label = ma.fields.String(allow_none=True)
    enabled = Flag()
    created_at = Instant()
    updated_at = Instant()


class CoreChanged(CoreSchema, AppliedSchema):
    """A core gateway, and how far the change has come."""


class CoreDeleted(AppliedSchema):
    """The core gateway that is no more."""

    id = ma.fields.String()


class CoreList(Answer):
    """All core gateways, by region and address."""

    items = ma.fields.List(ma.fields.Nested(CoreSchema))
