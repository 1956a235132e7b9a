"""What the API says of imports."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import Answer, AppliedSchema, Instant
from api.imports.progress import PHASES

PROGRESS_EXAMPLE: Final = {
    "key": "0b1f6c52-7d0e-4f0c-9a6e-0d7f6a3f2c11",
    "phase": "writing",
    "done": 4000,
    "rows": 10_000,
    "updated_at": "2026-01-31T12:00:00.000Z",
}


class Wrong(Answer):
    """What is wrong with a row."""

    field = ma.fields.String(metadata={"example": "tenant"})
    detail = ma.fields.String(metadata={"example": "there is no tenant acme-43"})


class RowReport(Answer):
    """What an import would make of a row."""

    line = ma.fields.Integer(metadata={"description": "Where the row begins in the file", "example": 2})
    makes = ma.fields.Dict(
        keys=ma.fields.String(),
        allow_none=True,
        metadata={"description": "What would be made; null when something is wrong", "example": {"label": "Acme"}},
    )
    errors = ma.fields.List(ma.fields.Nested(Wrong), metadata={"description": "What is wrong with it"})


class ImportReport(Answer):
    """What an import would make of a file; nothing was changed."""

    rows = ma.fields.Integer(metadata={"description": "How many the file holds", "example": 120})
    wrong = ma.fields.Integer(metadata={"description": "How many of them are wrong", "example": 0})
    items = ma.fields.List(ma.fields.Nested(RowReport), metadata={"description": "Every row, in the file's order"})


class Imported(Answer):
    """How many rows a file held; all of them are made."""

    rows = ma.fields.Integer(metadata={"description": "How many", "example": 120})


class ImportedAndTold(Imported, AppliedSchema):
    """The same, with the last of their changes, and regions that have not applied all of them yet."""


class ProgressSchema(Answer):
    """How far an import is."""

    key = ma.fields.String(metadata={"description": "Its Idempotency-Key", "example": PROGRESS_EXAMPLE["key"]})
    phase = ma.fields.String(
        validate=ma.validate.OneOf(PHASES), metadata={"description": "What it does now", "example": "writing"}
    )
    done = ma.fields.Integer(metadata={"description": "Rows that this phase is through with", "example": 4000})
    rows = ma.fields.Integer(attribute="total", metadata={"description": "Rows of the file", "example": 10_000})
    updated_at = Instant(metadata={"description": "When it last came further"})
