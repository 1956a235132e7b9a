"""Numbers in requests and answers (rules T1 to T3)."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.fields import CREDENTIAL_EXAMPLE, Answer, AppliedSchema, Body, Instant, account_id, name_field
from api.numbers.store import ORDERS
from api.paging import PageQuery, PageSchema, Query, sort_field
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


def e164(value: str) -> None:
    """Rule T2. Errors: ValidationError."""
    if not E164.fullmatch(value):
        raise ma.ValidationError(f"write it in E.164: a plus, then 7 to 15 digits, such as {NUMBER_EXAMPLE} (rule T2)")


def _tenant(**options: Any) -> ma.fields.String:
    described = "Account ID of the tenant whose calls these are; null for none"
    return ma.fields.String(
        allow_none=True, validate=account_id, metadata={"description": described, "example": "acme-42"}, **options
    )


def _route(**options: Any) -> ma.fields.String:
    described = "Id or username of the credential whose PBX it rings; null for none"
    return ma.fields.String(
        allow_none=True,
        validate=ma.validate.Length(1, 32),
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

    label = name_field("What people call it", "Reception", allow_none=True)
    tenant = _tenant()
    credential = _route()

    @ma.validates_schema
    def _not_empty(self, data: dict[str, Any], **_: Any) -> None:
        if not data:
            raise ma.ValidationError("name what shall change: label, tenant or credential")


class NumberFilter(Query):
    """Which numbers."""

    tenant = ma.fields.String(metadata={"description": "Account ID of the tenant"})
    credential = ma.fields.String(metadata={"description": "Id or username of the credential that it is routed to"})
    prefix = ma.fields.String(
        validate=ma.validate.Regexp(r"\+?[0-9]{1,15}\Z", error="write the first digits, with or without the plus"),
        metadata={"description": "The first digits", "example": "+1415"},
    )
    routed = ma.fields.Boolean(metadata={"description": "Whether it has a route"})


class NumberQuery(PageQuery, NumberFilter):
    """Which numbers to list."""

    sort = sort_field(ORDERS)


class NumberSchema(Answer):
    """A number; `username` is that of the credential that it is routed to."""

    number = ma.fields.String()
    label = ma.fields.String(allow_none=True)
    tenant = ma.fields.String(allow_none=True)
    credential = ma.fields.String(allow_none=True)
    username = ma.fields.String(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class NumberChanged(NumberSchema, AppliedSchema):
    """A number, and how far the change has come."""


class NumberDeleted(AppliedSchema):
    """The number that is no more."""

    number = ma.fields.String()


class NumberPage(PageSchema):
    """Numbers, in order."""

    items = ma.fields.List(ma.fields.Nested(NumberSchema))
