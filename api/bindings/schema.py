"""Bindings in requests and answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import CREDENTIAL_EXAMPLE, Answer, AppliedSchema, Flag, Instant, filter_field
from api.paging import PageQuery, PageSchema

EXAMPLE: Final = {"id": "b-6f1c0a9e", "region": "nw1", "username": "k3v8n2mq7x4t", "change": 41, "pending_regions": []}


class BindingQuery(PageQuery):
    """Which bindings to list."""

    region = filter_field("Name of the region", "nw1")
    credential = filter_field("A credential's id or username", CREDENTIAL_EXAMPLE)


class BindingSchema(Answer):
    """A credential's live registration in a region."""

    id = ma.fields.String(metadata={"example": "b-6f1c0a9e"})
    region = ma.fields.String(metadata={"example": "nw1"})
    credential = ma.fields.String(allow_none=True, metadata={"example": CREDENTIAL_EXAMPLE})
    username = ma.fields.String(metadata={"example": "k3v8n2mq7x4t"})
    address = ma.fields.String(metadata={"description": "Where the REGISTER came from", "example": "192.0.2.7"})
    port = ma.fields.Integer(metadata={"example": 5062})
    user_agent = ma.fields.String(allow_none=True, metadata={"example": "Asterisk PBX 22"})
    contact = ma.fields.String(allow_none=True, metadata={"example": "sip:k3v8n2mq7x4t@10.0.0.9:5062"})
    silent = Flag(metadata={"description": "A PBX that used to answer keep-alives has stopped", "example": False})
    since = Instant(metadata={"description": "First of an unbroken row of registrations from this address"})
    refreshed_at = Instant(metadata={"description": "Latest registration"})
    expires_at = Instant(metadata={"description": "When it ends if it is not refreshed"})
    expires_in = ma.fields.Integer(metadata={"description": "Seconds", "example": 287})


class BindingPage(PageSchema):
    """Live bindings, by id."""

    items = ma.fields.List(ma.fields.Nested(BindingSchema))


class BindingRemoved(AppliedSchema):
    """The binding that is no more."""

    id = ma.fields.String(metadata={"example": "b-6f1c0a9e"})
    region = ma.fields.String(metadata={"example": "nw1"})
    username = ma.fields.String(metadata={"example": "k3v8n2mq7x4t"})
