"""Sessions in requests and answers."""

from __future__ import annotations

from typing import ClassVar, Final

import marshmallow as ma

from api.fields import Answer, Body, Instant
from api.keys.schema import scope_field, tenant_field

AS_BASIC: Final = "name and password come as Authorization: Basic (RFC 7617), and in no body: leave this out"
SESSION: Final = {
    "id": "se-x7k2m9p4q8wz",
    "address": "192.0.2.10",
    "created_at": "2026-01-31T12:00:00.000Z",
    "last_used_at": "2026-01-31T12:34:00.000Z",
    "expires_at": "2026-02-01T00:00:00.000Z",
}
WHO: Final = {
    "kind": "user",
    "id": "us-x7k2m9p4q8wz",
    "name": "alice@carrier.example",
    "scope": "operate",
    "tenant": None,
    "expires_at": "2026-02-01T00:00:00.000Z",
    "session": "se-x7k2m9p4q8wz",
}
SIGNED_IN: Final = {
    "token": "ts_3h8kq2mvx7tnp4czr9wbyd5fjgsu6aeh3k8qm2vx",
    "session": "se-x7k2m9p4q8wz",
    "id": "us-x7k2m9p4q8wz",
    "name": "alice@carrier.example",
    "role": "operate",
    "tenant": None,
    "expires_at": "2026-02-01T00:00:00.000Z",
}


class SigningIn(Body):
    """Nothing: who signs in says so in a header."""

    refused: ClassVar = {"name": AS_BASIC, "username": AS_BASIC, "password": AS_BASIC}


class SignedIn(Answer):
    """A session that has begun, with its token, which is shown this once."""

    token = ma.fields.String(
        metadata={
            "description": "To be sent like a key: Authorization: Bearer ts_…",
            "example": SIGNED_IN["token"],
        }
    )
    session = ma.fields.String(metadata={"description": "The session's id", "example": SESSION["id"]})
    id = ma.fields.String(metadata={"description": "The person's id", "example": WHO["id"]})
    name = ma.fields.String(metadata={"example": WHO["name"]})
    role = scope_field("operate")
    tenant = tenant_field()
    expires_at = Instant(metadata={"description": "When it ends at the latest; it ends sooner when it is not used"})


class WhoSchema(Answer):
    """Who sends this request."""

    kind = ma.fields.String(
        validate=ma.validate.OneOf(("key", "user")),
        metadata={"description": "A program or a person", "example": "user"},
    )
    id = ma.fields.String(metadata={"description": "Of the key or the person", "example": WHO["id"]})
    name = ma.fields.String(
        metadata={"description": "A key's label, or what the person types to sign in", "example": WHO["name"]}
    )
    scope = scope_field("operate")
    tenant = tenant_field()
    expires_at = Instant(allow_none=True, metadata={"description": "When the key or the session ends"})
    session = ma.fields.String(
        allow_none=True, metadata={"description": "The session's id; null for a key", "example": SESSION["id"]}
    )


class SessionSchema(Answer):
    """A session of a person, without what opens it."""

    id = ma.fields.String(metadata={"example": SESSION["id"]})
    address = ma.fields.String(
        metadata={"description": "Where the person signed in from", "example": SESSION["address"]}
    )
    created_at = Instant(metadata={"description": "When the person signed in"})
    last_used_at = Instant(metadata={"description": "To the minute"})
    expires_at = Instant(metadata={"description": "When it ends at the latest; it ends sooner when it is not used"})


class SessionList(Answer):
    """Sessions that last, newest first, all of them."""

    items = ma.fields.List(ma.fields.Nested(SessionSchema))


class SessionsEnded(Answer):
    """Whose sessions were ended, and how many there were."""

    id = ma.fields.String(metadata={"description": "The person's id", "example": WHO["id"]})
    name = ma.fields.String(metadata={"example": WHO["name"]})
    ended = ma.fields.Integer(metadata={"description": "Sessions", "example": 2})
