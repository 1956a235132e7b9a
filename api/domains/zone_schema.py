"""Zones in requests and answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, Flag, Instant
from api.paging import PageQuery, PageSchema

TEXT: Final = "$ORIGIN reg.example.net.\n$TTL 60\n@ IN SOA ns1.example.net. hostmaster.example.net. (…)\n"
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SERIAL: Final = 1_769_860_800
SUMMARY: Final[dict[str, object]] = {
    "domain": "example.net",
    "version": 7,
    "serial": SERIAL,
    "digest": DIGEST,
    "rendered_at": "2026-01-31T12:00:00.000Z",
    "actor_kind": "key",
    "actor": "key-x7k2m9p4q8wz",
    "actor_name": "name server",
}
LOADED: Final = ["zone reg.example.net/IN: loaded serial 1769860800", "OK"]


def _domain() -> ma.fields.String:
    return ma.fields.String(metadata={"example": "example.net"})


def _serial() -> ma.fields.Integer:
    return ma.fields.Integer(metadata={"description": "Of its SOA record; it only grows", "example": SERIAL})


def _text() -> ma.fields.String:
    return ma.fields.String(metadata={"description": "A zone file (RFC 1035 section 5)", "example": TEXT})


def _lines(described: str, example: list[str]) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.String(), metadata={"description": described, "example": example})


class ZoneQuery(PageQuery):
    """Which versions to list."""


class ZoneNow(Answer):
    """The zone as it would be stored now, and how that differs from the newest version."""

    domain = _domain()
    text = _text()
    serial = _serial()
    digest = ma.fields.String(metadata={"description": "SHA-256 of all but the serial", "example": DIGEST})
    version = ma.fields.Integer(
        allow_none=True, metadata={"description": "The newest version that is stored; null for none", "example": 7}
    )
    changed = Flag(metadata={"description": "Whether that version says something else", "example": False})
    records = ma.fields.String(
        metadata={
            "description": "The same records for the zone of the domain itself, where reg.<name> is none of its own",
            "example": "_sip._udp.reg 60 IN SRV 10 10 5060 nw1.reg.example.net.\n",
        }
    )
    warnings = _lines("What to know of it", [])


class ZoneSummary(Answer):
    """A stored version of a zone. It is never changed."""

    domain = _domain()
    version = ma.fields.Integer(metadata={"example": 7})
    serial = _serial()
    digest = ma.fields.String(metadata={"description": "SHA-256 of all but the serial", "example": DIGEST})
    rendered_at = Instant(metadata={"description": "When it was stored"})
    actor_kind = ma.fields.String(metadata={"description": "key, user or service", "example": "key"})
    actor = ma.fields.String(allow_none=True, metadata={"description": "Who stored it", "example": "key-x7k2m9p4q8wz"})
    actor_name = ma.fields.String(allow_none=True, metadata={"example": "name server"})


class ZoneSchema(ZoneSummary):
    """A stored version of a zone, with its text."""

    text = _text()


class ZoneStored(ZoneSchema):
    """The newest version, and whether it was stored by this request."""

    stored = Flag(metadata={"description": "False: nothing has changed since it was stored", "example": True})
    checked = _lines("What named-checkzone said of it before it was stored", LOADED)
    warnings = _lines("What to know of it", [])


class ZoneChecked(Answer):
    """Whether a name server would load the zone as it is now."""

    domain = _domain()
    passed = Flag(metadata={"example": True})
    lines = _lines("What named-checkzone says", LOADED)
    warnings = _lines("What to know of it", [])


class ZoneList(PageSchema):
    """Stored versions, the newest first, without their texts."""

    items = ma.fields.List(ma.fields.Nested(ZoneSummary))
