"""User-Agent rules in requests and answers (rules R3 and B6)."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import Answer, AppliedSchema, Body, Instant, name_field

KINDS: Final = ("phone", "scanner")
SHOWN: Final[dict[str, object]] = {
    "id": "ua-x7k2m9p4q8wz",
    "kind": "phone",
    "pattern": "Acme DeskPhone *",
    "note": None,
    "created_at": "2026-01-31T12:00:00.000Z",
}
EXAMPLE: Final = SHOWN | {"change": 41, "pending_regions": []}


def not_everything(pattern: str) -> None:
    """A pattern of wildcards alone would shut out every PBX. Errors: ValidationError."""
    if not pattern.strip("*? "):
        raise ma.ValidationError("this pattern matches every User-Agent: name a model")


class NewUserAgent(Body):
    """A rule to be."""

    kind = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(KINDS),
        metadata={"description": "phone: refused with 403 (R3); scanner: no answer (B6)", "example": "phone"},
    )
    pattern = name_field(
        "Shell wildcard (* ? [0-9]) for the whole User-Agent; case does not matter", "Acme DeskPhone *", required=True
    )
    note = name_field("What it is", "Acme desk phones", allow_none=True, load_default=None)

    @ma.validates("pattern")
    def _pattern(self, value: str, **_: object) -> None:
        not_everything(value)


class UserAgentQuery(ma.Schema):
    """Which rules to list."""

    kind = ma.fields.String(validate=ma.validate.OneOf(KINDS))


class UserAgentSchema(Answer):
    """A rule."""

    id = ma.fields.String()
    kind = ma.fields.String()
    pattern = ma.fields.String()
    note = ma.fields.String(allow_none=True)
    created_at = Instant()


class UserAgentCreated(UserAgentSchema, AppliedSchema):
    """A new rule, and how far it has come."""


class UserAgentRemoved(AppliedSchema):
    """The rule that is no more."""

    id = ma.fields.String()


class UserAgentList(Answer):
    """All rules, by kind and pattern."""

    items = ma.fields.List(ma.fields.Nested(UserAgentSchema))
