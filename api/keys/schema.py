"""API keys in requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import marshmallow as ma

from api.fields import CREATED, Answer, Body, Instant, Moment, account_id_field, name_field
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
    return account_id_field(described, allow_none=True, **options)


def unbound_or(scope: str, required: Sequence[str] = ()) -> dict[str, Any]:
    """What `bound_within_scope` checks, in JSON Schema. `required` is for a scope that is told."""
    smaller = {"properties": {scope: {"enum": [str(Scope.READ), str(Scope.OPERATE)]}}}
    told = {"required": list(required)} if required else {}
    return {"anyOf": [{"properties": {"tenant": {"type": "null"}}}, smaller | told]}


def bound_within_scope(data: dict[str, Any], scope: str) -> None:
    """Errors: ValidationError when one who is bound to a tenant could administer."""
    if data.get("tenant") is not None and data.get(scope) == Scope.ADMINISTER:
        raise ma.ValidationError(ADMINISTRATORS_SEE_ALL, "tenant")


class NewKey(Body):
    """A key to be."""

    rules: ClassVar = unbound_or("scope", required=["scope"])

    label = name_field("Who or what uses it", "billing", required=True)
    scope = scope_field("read", load_default=str(Scope.ADMINISTER))
    tenant = tenant_field(load_default=None)
    expires_at = Moment(
        allow_none=True,
        load_default=None,
        metadata={"description": "When it ends; null: never", "example": "2027-01-31T12:00:00Z"},
    )

    @ma.validates_schema
    def _bound(self, data: dict[str, Any], **_: Any) -> None:
        bound_within_scope(data, "scope")


class KeySchema(Answer):
    """An API key, without what opens anything."""

    id = ma.fields.String(metadata={"example": "key-x7k2m9p4q8wz"})
    prefix = ma.fields.String(metadata={"description": "The key's first characters", "example": "tp_3h8kq2"})
    label = ma.fields.String(metadata={"example": "billing"})
    scope = scope_field("read")
    tenant = tenant_field()
    created_at = Instant(metadata=CREATED)
    expires_at = Instant(allow_none=True, metadata={"description": "When it ends; null: never"})
    last_used_at = Instant(allow_none=True, metadata={"description": "To the minute"})
    revoked_at = Instant(allow_none=True, metadata={"description": "When it was revoked", "example": None})


class KeyCreated(KeySchema):
    """A new key, which is shown this once."""

    key = ma.fields.String(
        metadata={"description": "What opens the API", "example": "tp_3h8kq2mvx7tnp4czr9wbyd5fjgsu6aeh3k8qm2vx"}
    )


class KeyPage(PageSchema):
    """Keys, newest first."""

    items = ma.fields.List(ma.fields.Nested(KeySchema))
