"""What DNS answers of a domain, in answers of the API."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api import texts
from api.fields import Answer, Flag
from api.paging import Query
from api.texts import Pattern

ITEM: Final[dict[str, object]] = {
    "kind": "surplus",
    "name": "_sip._udp.reg.example.net",
    "expected": None,
    "answered": "10 10 5060 se1.reg.example.net.",
    "region": "se1",
    "sentence": "At 192.0.2.53: SRV _sip._udp.reg.example.net still names se1, though it is draining, so PBXs still"
    " register there; load today's zone there (./turnpike dns render example.net writes it).",
}
resolver = Pattern(texts.RESOLVER, "write an IPv4 address, or address#port, such as 192.0.2.53#5353")


class DnsQuery(Query):
    """Whom to ask."""

    resolver = ma.fields.String(
        validate=resolver,
        metadata={
            "description": "Address, or address#port, to ask in place of the setting `resolvers`; to administer only",
            "example": "192.0.2.53#5353",
        },
    )


class DifferenceSchema(Answer):
    """One thing in DNS that is not as it should be."""

    kind = ma.fields.String(metadata={"description": "missing, surplus, wrong or unanswered", "example": "surplus"})
    name = ma.fields.String(metadata={"description": "The name in DNS", "example": ITEM["name"]})
    expected = ma.fields.String(allow_none=True, metadata={"description": "The record that should be", "example": None})
    answered = ma.fields.String(
        allow_none=True, metadata={"description": "The record that is there", "example": ITEM["answered"]}
    )
    region = ma.fields.String(allow_none=True, metadata={"description": "The region in question", "example": "se1"})
    sentence = ma.fields.String(
        metadata={"description": "What is wrong, at which servers, and what to do", "example": ITEM["sentence"]}
    )


class DnsSchema(Answer):
    """What DNS answers of a domain, compared with what should be, ordered by server."""

    domain = ma.fields.String(metadata={"example": "example.net"})
    right = Flag(metadata={"description": "Nothing differs", "example": False})
    resolvers = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Who was asked besides its name servers", "example": ["192.0.2.53"]},
    )
    items = ma.fields.List(ma.fields.Nested(DifferenceSchema))
