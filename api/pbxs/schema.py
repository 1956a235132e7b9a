"""PBXs and their settings in requests and answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import marshmallow as ma

from api import texts
from api.fields import Answer, Body, Flag
from api.paging import Query
from api.pbxs.kinds import EVERY, KINDS, TOPICS
from api.texts import Pattern

KIND: Final = "asterisk"
SETTINGS_EXAMPLE: Final = {
    "pbx": "freeswitch",
    "domain": "example.net",
    "regions": ["nw1", "se1"],
    "files": [
        {"pbx": "freeswitch", "name": "trunk.xml", "media_type": "application/xml", "text": "<include>…</include>\n"}
    ],
}
DOMAIN: Final = "Alias domain whose names the settings have; unless told, the first by name, and addresses without any"
NEEDS_PBX: Final[Mapping[str, Any]] = {
    "anyOf": [
        {"properties": {"domain": {"const": None}}},
        {"properties": {"pbx": {"type": "string"}}, "required": ["pbx"]},
    ]
}
"""JSON Schema: a domain alone would be for nothing."""

domain_name = Pattern(texts.DOMAIN_WANTED, "write a domain, such as example.net")


def _domain(**options: Any) -> ma.fields.String:
    return ma.fields.String(validate=domain_name, metadata={"description": DOMAIN, "example": "example.net"}, **options)


def _pbx(description: str, **options: Any) -> ma.fields.String:
    known = ma.validate.OneOf((*KINDS, EVERY))
    return ma.fields.String(validate=known, metadata={"description": description, "example": KIND}, **options)


class SettingsWanted(Body):
    """Of a request that makes a password: for which PBX the answer shall have settings with it."""

    pbx = _pbx(
        f"Kind of PBX whose settings the answer shall have, with the password; {EVERY}: of every kind",
        allow_none=True,
        load_default=None,
    )
    domain = _domain(allow_none=True, load_default=None)

    @ma.validates_schema
    def _for_a_pbx(self, data: dict[str, Any], **_: Any) -> None:
        if data["domain"] is not None and data["pbx"] is None:
            raise ma.ValidationError("it is for the settings of a PBX: name pbx too, or leave this out", "domain")


class SettingsQuery(Query):
    """Which settings."""

    pbx = _pbx(f"Kind of PBX: GET /v1/pbxs lists them; {EVERY}: every kind", required=True)
    domain = _domain()


class FileSchema(Answer):
    """One file of a PBX."""

    pbx = ma.fields.String(metadata={"description": "Kind of PBX that it is for", "example": "freeswitch"})
    name = ma.fields.String(metadata={"description": "What to call it", "example": "trunk.xml"})
    media_type = ma.fields.String(metadata={"example": "application/xml"})
    text = ma.fields.String(
        metadata={"description": "What it holds, with a line break at its end", "example": "<include>…</include>\n"}
    )


class SettingsSchema(Answer):
    """What to enter in a PBX. Without the password, its place is marked."""

    pbx = ma.fields.String(metadata={"description": f"Kind of PBX, or {EVERY}, as asked for", "example": KIND})
    domain = ma.fields.String(
        allow_none=True,
        metadata={
            "description": "Whose names are in it; null: addresses, for want of a domain",
            "example": "example.net",
        },
    )
    regions = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Those in service, for which it is good (rule D1)", "example": ["nw1", "se1"]},
    )
    files = ma.fields.List(ma.fields.Nested(FileSchema))


def settings_field() -> ma.fields.Nested:
    """Of an answer that tells a password."""
    described = "Settings that hold the password; null unless the request names `pbx`"
    return ma.fields.Nested(SettingsSchema, allow_none=True, metadata={"description": described})


class FieldSchema(Answer):
    """What a PBX calls one of its settings."""

    topic = ma.fields.String(
        validate=ma.validate.OneOf(TOPICS), metadata={"description": "What it is about", "example": "password"}
    )
    label = ma.fields.String(metadata={"description": "As the PBX shows it", "example": "Secret"})
    menu = ma.fields.String(metadata={"description": "Where it is found", "example": "pjsip Settings, General"})


class PbxSchema(Answer):
    """A kind of PBX that settings are written for."""

    key = ma.fields.String(metadata={"description": "What requests call it", "example": KIND})
    name = ma.fields.String(metadata={"description": "What people call it", "example": "Asterisk (chan_pjsip)"})
    ready = Flag(
        metadata={"description": "Its files are loaded as they are; else a sheet to copy from", "example": True}
    )
    files = ma.fields.List(ma.fields.String(), metadata={"description": "Their names", "example": ["pjsip_trunk.conf"]})
    several = Flag(metadata={"description": "It registers in every region at the same time", "example": True})
    srv = Flag(metadata={"description": "It finds regions by SRV records", "example": True})
    names = ma.fields.List(ma.fields.Nested(FieldSchema), data_key="fields")


class PbxList(Answer):
    """All kinds of PBX, ready files first, `plain` for all others last."""

    items = ma.fields.List(ma.fields.Nested(PbxSchema))
