"""Tenants in requests and answers (rule T1)."""

from __future__ import annotations

from typing import Any, ClassVar

import marshmallow as ma

from api.fields import Answer, Body, Instant, account_id, name_field
from api.paging import PageQuery, PageSchema, sort_field
from api.tenants.store import ORDERS

EXAMPLE = {
    "account_id": "acme-42",
    "name": "Acme Ltd",
    "contact": "noc@acme.example",
    "created_at": "2026-01-31T12:00:00.000Z",
    "updated_at": "2026-01-31T12:00:00.000Z",
}


class TenantChange(Body):
    """What can be changed of a tenant. Its account ID stays."""

    refused: ClassVar = {
        "account_id": "an account ID cannot be changed: create another tenant and move its credentials"
    }

    name = name_field("Name for people", "Acme Ltd")
    contact = name_field("Whom to ask", "noc@acme.example", allow_none=True)

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: name or contact")


class NewTenant(Body):
    """A tenant to be."""

    account_id = ma.fields.String(
        required=True,
        validate=account_id,
        metadata={
            "description": "Letters, digits, dots, hyphens; no spaces; case does not matter",
            "example": "acme-42",
        },
    )
    name = name_field("Name for people", "Acme Ltd", required=True)
    contact = name_field("Whom to ask", "noc@acme.example", allow_none=True, load_default=None)


class TenantQuery(PageQuery):
    """Which tenants to list."""

    sort = sort_field(ORDERS)


class TenantSchema(Answer):
    """A tenant."""

    account_id = ma.fields.String()
    name = ma.fields.String()
    contact = ma.fields.String(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class TenantPage(PageSchema):
    """Tenants, by account ID."""

    items = ma.fields.List(ma.fields.Nested(TenantSchema))


class TenantDeleted(Answer):
    """The tenant that is no more."""

    account_id = ma.fields.String()
