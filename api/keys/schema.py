"""API keys in requests and answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import Answer, Body, Instant, name_field

EXAMPLE: Final = {
    "id": "key-x7k2m9p4q8wz",
    "key": "tp_3h8kq2mvx7tnp4czr9wbyd5fjgsu6aeh3k8qm2vx",
    "prefix": "tp_3h8kq2",
    "label": "billing",
    "created_at": "2026-01-31T12:00:00.000Z",
    "last_used_at": None,
    "revoked_at": None,
}


class NewKey(Body):
    """A key to be."""

    label = name_field("Who or what uses it", "billing", required=True)


class KeySchema(Answer):
    """An API key, without what opens anything."""

    id = ma.fields.String()
    prefix = ma.fields.String(metadata={"description": "The key's first characters"})
    label = ma.fields.String()
    created_at = Instant()
    last_used_at = Instant(allow_none=True, metadata={"description": "To the minute"})
    revoked_at = Instant(allow_none=True)


class KeyCreated(KeySchema):
    """A new key, which is shown this once."""

    key = ma.fields.String()


class KeyList(Answer):
    """All keys, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeySchema))
