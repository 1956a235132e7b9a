"""Entries of the audit log in answers."""

from __future__ import annotations

import json
from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, Instant, Moment, filter_field
from api.paging import PageQuery, PageSchema
from api.texts import Pattern

entity_wanted = Pattern("[!-~]{1,255}", "write 1 to 255 ASCII characters without spaces: nothing is called otherwise")
ACTORS: Final = ("key", "user", "service", "nobody")
EXAMPLE: Final = {
    "id": 7,
    "at": "2026-01-31T12:00:00.000Z",
    "actor_kind": "key",
    "actor": "key-x7k2m9p4q8wz",
    "actor_name": "billing",
    "address": "192.0.2.10",
    "request_id": "9f1c2b7e44d0a6c3",
    "action": "change",
    "entity": "credential",
    "entity_id": "cr-x7k2m9p4q8wz",
    "tenant": "acme-42",
    "before": {"label": "Acme"},
    "after": {"label": "Acme head office"},
}


class Document(ma.fields.Field[Any]):
    """A thing as the API showed it; null where it was not there."""

    def _serialize(self, value: str | None, attr: str | None, obj: Any, **kwargs: Any) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


def _document(described: str, example: dict[str, str]) -> Document:
    return Document(allow_none=True, metadata={"type": "object", "description": described, "example": example})


class AuditQuery(PageQuery):
    """Which entries to list."""

    entity = filter_field("Kind of thing, such as credential", "credential")
    entity_id = ma.fields.String(
        validate=entity_wanted, metadata={"description": "Which one", "example": "cr-x7k2m9p4q8wz"}
    )
    actor = filter_field("Id of the key or user that did it", "key-x7k2m9p4q8wz")
    tenant = filter_field("Account ID of the tenant whose things were changed", "acme-42")
    action = filter_field("Such as create, change, delete", "rotate")
    request_id = filter_field("X-Request-ID of the request that did it", "9f1c2b7e44d0a6c3")
    since = Moment(metadata={"description": "At this time or later", "example": "2026-01-31T12:00:00Z"})
    until = Moment(metadata={"description": "Before this time", "example": "2026-02-01T00:00:00Z"})


class AuditSchema(Answer):
    """Who did what, from where, and what was before and after."""

    id = ma.fields.Integer(metadata={"example": 7})
    at = Instant(metadata={"description": "When it was done"})
    actor_kind = ma.fields.String(
        validate=ma.validate.OneOf(ACTORS),
        metadata={"description": "service: what it does of its own accord", "example": "key"},
    )
    actor = ma.fields.String(
        allow_none=True, metadata={"description": "Id of the key or user", "example": "key-x7k2m9p4q8wz"}
    )
    actor_name = ma.fields.String(
        allow_none=True, metadata={"description": "Its label or name at that moment", "example": "billing"}
    )
    address = ma.fields.String(
        allow_none=True, metadata={"description": "Where the request came from", "example": "192.0.2.10"}
    )
    request_id = ma.fields.String(
        allow_none=True, metadata={"description": "X-Request-ID of the request", "example": "9f1c2b7e44d0a6c3"}
    )
    action = ma.fields.String(metadata={"example": "change"})
    entity = ma.fields.String(metadata={"description": "Kind of thing", "example": "credential"})
    entity_id = ma.fields.String(metadata={"description": "Which one", "example": "cr-x7k2m9p4q8wz"})
    tenant = ma.fields.String(allow_none=True, metadata={"description": "Whose it was", "example": "acme-42"})
    before = _document("As it was; null when it was not there", {"label": "Acme"})
    after = _document("As it became; null when it is gone", {"label": "Acme head office"})


class AuditPage(PageSchema):
    """Entries, newest first."""

    items = ma.fields.List(ma.fields.Nested(AuditSchema))
