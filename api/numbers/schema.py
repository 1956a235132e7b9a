"""Numbers in requests and answers (rules T1 to T3)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import marshmallow as ma

from api.fields import (
    CREATED,
    CREDENTIAL_EXAMPLE,
    UPDATED,
    Answer,
    AppliedSchema,
    Body,
    Instant,
    Switch,
    account_id_field,
    filter_field,
    name_field,
    one_of,
)
from api.numbers.store import ORDERS
from api.paging import PageQuery, PageSchema, Query, sort_field
from api.texts import Pattern
from kemi.numbers import E164

NUMBER_EXAMPLE: Final = "+14155550100"
EXAMPLE: Final = {
    "number": NUMBER_EXAMPLE,
    "label": "Reception",
    "tenant": "acme-42",
    "credential": CREDENTIAL_EXAMPLE,
    "username": "k3v8n2mq7x4t",
    "created_at": "2026-01-31T12:00:00.000Z",
    "updated_at": "2026-01-31T12:00:00.000Z",
}


e164 = Pattern(E164.pattern, f"write it in E.164: a plus, then 7 to 15 digits, such as {NUMBER_EXAMPLE} (rule T2)")
named = Pattern("[!-~]{1,32}", "write a credential's id or username, such as cr-x7k2m9p4q8wz")


def _tenant(**options: Any) -> ma.fields.String:
    return account_id_field("Account ID of the tenant whose calls these are; null for none", allow_none=True, **options)


def _route(**options: Any) -> ma.fields.String:
    described = "Id or username of the credential whose PBX it rings; null for none"
    return ma.fields.String(
        allow_none=True,
        validate=named,
        metadata={"description": described, "example": CREDENTIAL_EXAMPLE},
        **options,
    )


class NewNumber(Body):
    """A number to be."""

    number = ma.fields.String(
        required=True, validate=e164, metadata={"description": "In E.164, with its plus", "example": NUMBER_EXAMPLE}
    )
    label = name_field("What people call it", "Reception", allow_none=True, load_default=None)
    tenant = _tenant(load_default=None)
    credential = _route(load_default=None)


class NumberChange(Body):
    """What can be changed of a number."""

    refused = {"number": "a number cannot become another one: delete it and create the other"}  # noqa: RUF012
    rules: ClassVar = one_of("label", "tenant", "credential")

    label = name_field("What people call it", "Reception", allow_none=True)
    tenant = _tenant()
    credential = _route()

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: label, tenant or credential")


class NumberFilter(Query):
    """Which numbers."""

    tenant = filter_field("Account ID of the tenant", "acme-42")
    credential = filter_field("Id or username of the credential that it is routed to", CREDENTIAL_EXAMPLE)
    prefix = ma.fields.String(
        validate=Pattern(r"\+?[0-9]{1,15}", "write the first digits, with or without the plus"),
        metadata={"description": "The first digits", "example": "+1415"},
    )
    routed = Switch(metadata={"description": "Whether it has a route", "example": True})


class NumberQuery(PageQuery, NumberFilter):
    """Which numbers to list."""

    sort = sort_field(ORDERS)


class NumberSchema(Answer):
    """A number; `username` is that of the credential that it is routed to."""

    number = ma.fields.String(metadata={"description": "In E.164, with its plus", "example": NUMBER_EXAMPLE})
    label = ma.fields.String(allow_none=True, metadata={"example": "Reception"})
    tenant = ma.fields.String(allow_none=True, metadata={"description": "Whose calls these are", "example": "acme-42"})
    credential = ma.fields.String(
        allow_none=True, metadata={"description": "Its route: whose PBX it rings", "example": CREDENTIAL_EXAMPLE}
    )
    username = ma.fields.String(
        allow_none=True, metadata={"description": "That credential's username", "example": "k3v8n2mq7x4t"}
    )
    created_at = Instant(metadata=CREATED)
    updated_at = Instant(metadata=UPDATED)


class NumberChanged(NumberSchema, AppliedSchema):
    """A number, and how far the change has come."""


class NumberDeleted(AppliedSchema):
    """The number that is no more."""

    number = ma.fields.String(metadata={"example": NUMBER_EXAMPLE})


class NumberPage(PageSchema):
    """Numbers, in order."""

    items = ma.fields.List(ma.fields.Nested(NumberSchema))
