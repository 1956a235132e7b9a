"""API keys in requests and answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, Body, Instant, Soon, account_id, name_field
from api.paging import PageSchema
from api.principal import SCOPES, Scope

SHOWN: Final = {
    "id": "key-x7k2m9p4q8wz",
    "prefix": "tp_3h8kq2",
    "label": "billing",
    "scope": "read",
    "tenant": None,
    "created_at": "2026-01-31T12:00:00.000Z",
    "expires_at": "2027-01-31T12:00:00.000Z",
    "last_used_at": None,
    "revoked_at": None,
}
EXAMPLE: Final = SHOWN | {"key": "tp_3h8kq2mvx7tnp4czr9wbyd5fjgsu6aeh3k8qm2vx"}
ADMINISTRATORS_SEE_ALL: Final = "who may administer sees all tenants: leave tenant out, or choose a smaller scope"


def scope_field(name: str, **options: Any) -> ma.fields.String:
    """What a key or person may do."""
    described = (
        "read: look at everything but keys, users and the audit log; operate: also credentials, numbers, bindings, "
        "blocks and calls; administer: everything"
    )
    return ma.fields.String(
        validate=ma.validate.OneOf(SCOPES), metadata={"description": described, "example": name}, **options
    )


def tenant_field(**options: Any) -> ma.fields.String:
    """Whom a key or person is bound to."""
    described = "Account ID of the only tenant that it sees; null: it sees all"
    return ma.fields.String(
        allow_none=True, validate=account_id, metadata={"description": described, "example": None}, **options
    )


def bound_within_scope(data: dict[str, Any], scope: str) -> None:
    """Errors: ValidationError when one who is bound to a tenant could administer."""
    if data.get("tenant") is not None and data.get(scope) == Scope.ADMINISTER:
        raise ma.ValidationError(ADMINISTRATORS_SEE_ALL, "tenant")


class NewKey(Body):
    """A key to be."""

    label = name_field("Who or what uses it", "billing", required=True)
    scope = scope_field("read", load_default=str(Scope.ADMINISTER))
    tenant = tenant_field(load_default=None)
    expires_at = Soon(
        allow_none=True,
        load_default=None,
        metadata={"description": "When it ends; null: never", "example": "2027-01-31T12:00:00Z"},
    )

    @ma.validates_schema
    def _bound(self, data: dict[str, Any], **_: Any) -> None:
        bound_within_scope(data, "scope")


class KeySchema(Answer):
    """An API key, without what opens anything."""

    id = ma.fields.String()
    prefix = ma.fields.String(metadata={"description": "The key's first characters"})
    label = ma.fields.String()
    scope = scope_field("read")
    tenant = tenant_field()
    created_at = Instant()
    expires_at = Instant(allow_none=True)
    last_used_at = Instant(allow_none=True, metadata={"description": "To the minute"})
    revoked_at = Instant(allow_none=True)


class KeyCreated(KeySchema):
    """A new key, which is shown this once."""

    key = ma.fields.String()


class KeyPage(PageSchema):
    """Keys, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeySchema))
