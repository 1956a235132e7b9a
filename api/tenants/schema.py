"""Tenants in requests and answers (rule T1)."""

from __future__ import annotations

from typing import Any, ClassVar

import marshmallow as ma

from api.fields import CREATED, UPDATED, Answer, Body, Instant, account_id_field, name_field, one_of
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

    rules: ClassVar = one_of("name", "contact")

    name = name_field("Name for people", "Acme Ltd")
    contact = name_field("Whom to ask", "noc@acme.example", allow_none=True)

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: name or contact")


class NewTenant(Body):
    """A tenant to be."""

    account_id = account_id_field("Letters, digits, dots, hyphens; no spaces; case does not matter", required=True)
    name = name_field("Name for people", "Acme Ltd", required=True)
    contact = name_field("Whom to ask", "noc@acme.example", allow_none=True, load_default=None)


class TenantQuery(PageQuery):
    """Which tenants to list."""

    search = name_field("A part of the account ID or of the name; case does not matter", "acme")
    sort = sort_field(ORDERS)


class TenantSchema(Answer):
    """A tenant."""

    account_id = ma.fields.String(metadata={"example": "acme-42"})
    name = ma.fields.String(metadata={"example": "Acme Ltd"})
    contact = ma.fields.String(allow_none=True, metadata={"description": "Whom to ask", "example": "noc@acme.example"})
    created_at = Instant(metadata=CREATED)
    updated_at = Instant(metadata=UPDATED)


class TenantWithUses(TenantSchema):
    """A tenant, and how much is its own."""

    credentials = ma.fields.Integer(metadata={"description": "That name the tenant", "example": 12})
    numbers = ma.fields.Integer(metadata={"description": "That name the tenant", "example": 340})


class TenantPage(PageSchema):
    """Tenants, by account ID."""

    items = ma.fields.List(ma.fields.Nested(TenantSchema))


class TenantDeleted(Answer):
    """The tenant that is no more."""

    account_id = ma.fields.String(metadata={"example": "acme-42"})
