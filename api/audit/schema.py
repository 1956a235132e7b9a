"""Entries of the audit log in answers."""

from __future__ import annotations

import json
from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, Instant, Moment
from api.paging import PageQuery, PageSchema

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


def _document(described: str) -> Document:
    return Document(allow_none=True, metadata={"type": ["object", "null"], "description": described})


class AuditQuery(PageQuery):
    """Which entries to list."""

    entity = ma.fields.String(metadata={"description": "Kind of thing, such as credential", "example": "credential"})
    entity_id = ma.fields.String(metadata={"description": "Which one", "example": "cr-x7k2m9p4q8wz"})
    actor = ma.fields.String(metadata={"description": "Id of the key or user that did it"})
    tenant = ma.fields.String(metadata={"description": "Account ID of the tenant whose things were changed"})
    action = ma.fields.String(metadata={"description": "Such as create, change, delete", "example": "rotate"})
    request_id = ma.fields.String(metadata={"description": "X-Request-ID of the request that did it"})
    since = Moment(metadata={"description": "At this time or later", "example": "2026-01-31T12:00:00Z"})
    until = Moment(metadata={"description": "Before this time", "example": "2026-02-01T00:00:00Z"})


class AuditSchema(Answer):
    """Who did what, from where, and what was before and after."""

    id = ma.fields.Integer()
    at = Instant()
    actor_kind = ma.fields.String(
        validate=ma.validate.OneOf(ACTORS), metadata={"description": "service: what it does of its own accord"}
    )
    actor = ma.fields.String(allow_none=True, metadata={"description": "Id of the key or user"})
    actor_name = ma.fields.String(allow_none=True, metadata={"description": "Its label or name at that moment"})
    address = ma.fields.String(allow_none=True, metadata={"description": "Where the request came from"})
    request_id = ma.fields.String(allow_none=True)
    action = ma.fields.String()
    entity = ma.fields.String()
    entity_id = ma.fields.String()
    tenant = ma.fields.String(allow_none=True, metadata={"description": "Whose it was"})
    before = _document("As it was; null when it was not there")
    after = _document("As it became; null when it is gone")


class AuditPage(PageSchema):
    """Entries, newest first."""

    items = ma.fields.List(ma.fields.Nested(AuditSchema))
