"""Alias domains in requests and answers (rule D2)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import marshmallow as ma

from api import texts
from api.fields import CREATED, UPDATED, Answer, Body, Instant, WholeNumber, name_field, one_of
from api.texts import Pattern

LONGEST_NAME: Final = 200
"""Leaves room for `_sip._udp.reg.` and for any region's name before it (RFC 1035 section 2.3.4: 253 in all)."""
LONGEST_HOST: Final = 253
MOST_NAME_SERVERS: Final = 8
TTLS: Final = (30, 86_400)
USUAL_TTL: Final = 60
host_name = Pattern(texts.HOST_NAME, "write a host name, such as example.net: letters of other scripts as xn--…")
mailbox = Pattern(texts.MAILBOX, "write an e-mail address, such as hostmaster@example.net")
LABEL: Final = ("What people call it", "Brand A")
EXAMPLE: Final[dict[str, object]] = {
    "name": "example.net",
    "label": "Brand A",
    "registrar": "reg.example.net",
    "name_servers": ["ns1.example.net", "ns2.example.net"],
    "hostmaster": "hostmaster@example.net",
    "ttl": 60,
    "created_at": "2026-01-31T12:00:00.000Z",
    "updated_at": "2026-01-31T12:00:00.000Z",
}


class Lower(ma.fields.String):
    """A text of which case is no part (RFC 4343); lower once loaded."""

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> str:
        return str(super()._deserialize(value, *rest, **more)).lower()


def name_servers(**options: Any) -> ma.fields.List[Any]:
    """Host names of the servers that have the zone."""
    name = Lower(validate=[ma.validate.Length(1, LONGEST_HOST), host_name], metadata={"example": "ns1.example.net"})
    described = "Host names of the servers that have the zone, the primary one first; none within reg.<name>"
    metadata = {"description": described, "example": EXAMPLE["name_servers"]}
    return ma.fields.List(name, validate=ma.validate.Length(1, MOST_NAME_SERVERS), metadata=metadata, **options)


def hostmaster(**options: Any) -> ma.fields.String:
    """Whom to write to about the zone."""
    described = "Whom to write to about the zone (SOA): hostmaster@<name> unless told"
    metadata = {"description": described, "example": EXAMPLE["hostmaster"]}
    return Lower(validate=[ma.validate.Length(1, LONGEST_HOST), mailbox], metadata=metadata, **options)


def ttl(**options: Any) -> WholeNumber:
    """How long an answer may be kept."""
    metadata = {"description": "Seconds for which an answer of DNS may be kept", "example": USUAL_TTL}
    return WholeNumber(validate=ma.validate.Range(*TTLS), metadata=metadata, **options)


class NewDomain(Body):
    """An alias domain to be."""

    name = Lower(
        required=True,
        validate=[ma.validate.Length(1, LONGEST_NAME), host_name],
        metadata={"description": "PBXs use reg.<name>; kept in lower case", "example": "example.net"},
    )
    label = name_field(*LABEL, allow_none=True, load_default=None)
    name_servers = name_servers(required=True)
    hostmaster = hostmaster()
    ttl = ttl(load_default=USUAL_TTL)


class DomainChange(Body):
    """What can be changed of an alias domain."""

    rules: ClassVar = one_of("label", "name_servers", "hostmaster", "ttl")

    label = name_field(*LABEL, allow_none=True)
    name_servers = name_servers()
    hostmaster = hostmaster()
    ttl = ttl()

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: label, name_servers, hostmaster or ttl")


class DomainSchema(Answer):
    """An alias domain."""

    name = ma.fields.String(metadata={"example": "example.net"})
    label = ma.fields.String(
        allow_none=True, metadata={"description": f"{LABEL[0]}; null for who is bound", "example": LABEL[1]}
    )
    registrar = ma.fields.String(metadata={"description": "What PBXs register with", "example": "reg.example.net"})
    name_servers = ma.fields.List(
        ma.fields.String(), metadata={"description": "The servers of its zone", "example": EXAMPLE["name_servers"]}
    )
    hostmaster = ma.fields.String(metadata={"description": "Whom to write to", "example": EXAMPLE["hostmaster"]})
    ttl = ma.fields.Integer(metadata={"description": "Seconds for which an answer of DNS may be kept", "example": 60})
    created_at = Instant(metadata=CREATED)
    updated_at = Instant(metadata=UPDATED)


class DomainDeleted(Answer):
    """The domain that is no more. Versions of its zone are kept, and their serials go on if it is made again."""

    name = ma.fields.String(metadata={"example": "example.net"})


class DomainList(Answer):
    """All alias domains, by name."""

    items = ma.fields.List(ma.fields.Nested(DomainSchema))
