"""User-Agent rules in requests and answers (rules R3 and B6)."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api import texts
from api.fields import CREATED, NAME_LENGTH, Answer, AppliedSchema, Body, Instant, name_field
from api.paging import Query
from api.texts import Pattern, whole_characters

KINDS: Final = ("phone", "scanner")
SHOWN: Final[dict[str, object]] = {
    "id": "ua-x7k2m9p4q8wz",
    "kind": "phone",
    "pattern": "Acme DeskPhone *",
    "note": None,
    "created_at": "2026-01-31T12:00:00.000Z",
}
EXAMPLE: Final = SHOWN | {"change": 41, "pending_regions": []}


model = Pattern(
    f"[^{texts.CONTROL}]*[^{texts.CONTROL}{texts.BLANK}*?][^{texts.CONTROL}]*",
    "name a model, without control characters: wildcards alone match every User-Agent, and would shut out every PBX",
)


class NewUserAgent(Body):
    """A rule to be."""

    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(KINDS),
        metadata={"description": "phone: refused with 403 (R3); scanner: no answer (B6)", "example": "phone"},
    )
    pattern = ma.fields.String(
        required=True,
        validate=[ma.validate.Length(1, NAME_LENGTH), model, whole_characters],
        metadata={
            "description": "Shell wildcard (* ? [0-9]) for the whole User-Agent; case does not matter",
            "example": "Acme DeskPhone *",
        },
    )
    note = name_field("What it is", "Acme desk phones", allow_none=True, load_default=None)


class UserAgentQuery(Query):
    """Which rules to list."""

    kind = ma.fields.String(
        validate=ma.validate.OneOf(KINDS), metadata={"description": "phone (R3) or scanner (B6)", "example": "phone"}
    )


class UserAgentSchema(Answer):
    """A rule."""

    id = ma.fields.String(metadata={"example": "ua-x7k2m9p4q8wz"})
    kind = ma.fields.String(metadata={"description": "phone or scanner", "example": "phone"})
    pattern = ma.fields.String(metadata={"example": "Acme DeskPhone *"})
    note = ma.fields.String(allow_none=True, metadata={"example": "Acme desk phones"})
    created_at = Instant(metadata=CREATED)


class UserAgentCreated(UserAgentSchema, AppliedSchema):
    """A new rule, and how far it has come."""


class UserAgentRemoved(AppliedSchema):
    """The rule that is no more."""

    id = ma.fields.String(metadata={"example": "ua-x7k2m9p4q8wz"})


class UserAgentList(Answer):
    """All rules, by kind and pattern."""

    items = ma.fields.List(ma.fields.Nested(UserAgentSchema))
