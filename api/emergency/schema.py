"""Emergency numbers in requests and answers (rule O4)."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import CREATED, Answer, AppliedSchema, Body, Instant, name_field
from api.texts import Pattern

SHOWN: Final[dict[str, object]] = {
    "digits": "911",
    "note": "emergency services in North America",
    "created_at": "2026-01-31T12:00:00.000Z",
}
EXAMPLE: Final = SHOWN | {"change": 41, "pending_regions": []}


class NewEmergencyNumber(Body):
    """An emergency number to be."""

    digits = ma.fields.String(
        required=True,
        validate=Pattern("[0-9]{2,4}", "write two to four digits, exactly as dialled (rule O4)"),
        metadata={"description": "Exactly what is dialled", "example": "911"},
    )
    note = name_field("What it reaches", "emergency services", allow_none=True, load_default=None)


class EmergencyNumberSchema(Answer):
    """A number that passes O2, O3 and B1."""

    digits = ma.fields.String(metadata={"description": "Exactly what is dialled", "example": "911"})
    note = ma.fields.String(allow_none=True, metadata={"example": "emergency services"})
    created_at = Instant(metadata=CREATED)


class EmergencyNumberAdded(EmergencyNumberSchema, AppliedSchema):
    """A new emergency number, and how far it has come."""


class EmergencyNumberRemoved(AppliedSchema):
    """The number that is an ordinary one again."""

    digits = ma.fields.String(metadata={"example": "911"})


class EmergencyNumberList(Answer):
    """All emergency numbers, in order."""

    items = ma.fields.List(ma.fields.Nested(EmergencyNumberSchema))
