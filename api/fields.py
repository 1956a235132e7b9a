"""Fields and schemas that several resources share."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, NoReturn

import marshmallow as ma

NAME_LENGTH: Final = 200
ACCOUNT_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
CREDENTIAL_EXAMPLE: Final = "cr-x7k2m9p4q8wz"


class Instant(ma.fields.Field[datetime]):
    """A moment in UTC, as `2026-01-31T12:00:00.123Z`. MariaDB gives it without a zone."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Moment(ma.fields.Field[datetime]):
    """A moment in a query: ISO 8601, UTC where no zone is named; without a zone once loaded, as MariaDB has it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> datetime:  # noqa: ARG002
        try:
            moment = datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo is None else moment.astimezone(UTC)).replace(tzinfo=None)
        except (ValueError, OverflowError) as error:
            raise ma.ValidationError("write a time in UTC, such as 2026-01-31T12:00:00Z, or a day") from error


class Soon(Moment):
    """A moment that is yet to come."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> datetime:
        moment = super()._deserialize(value, attr, data, **more)
        if moment <= datetime.now(UTC).replace(tzinfo=None):
            raise ma.ValidationError("this moment has passed: name one that is yet to come")
        return moment


class Flag(ma.fields.Boolean):
    """JSON's true and false. In a body, what merely looks like it (0, 1, "yes") is refused; MariaDB gives 0 and 1."""

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> bool | None:  # noqa: ARG002
        return None if value is None else bool(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return bool(super()._deserialize(value, attr, data, **more))


class Body(ma.Schema):
    """What a request's body may hold. Unknown fields are refused; those in `refused` with their own reason."""

    class Meta:
        unknown = ma.RAISE

    refused: ClassVar[Mapping[str, str]] = {}

    error_messages: ClassVar[dict[str, str]] = {  # type: ignore[misc]
        "unknown": "this request has no such field",
        "type": "send a JSON object",
    }

    def handle_error(self, error: ma.ValidationError, data: Any, *, many: bool, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        """Give the reason for fields that are refused on purpose."""
        messages = error.messages_dict
        for field, reason in self.refused.items():
            if field in messages:
                messages[field] = [reason]
        raise error


class Answer(ma.Schema):
    """What an answer holds."""


class AppliedSchema(Answer):
    """Which change this was, and which regions have not applied it yet (rule C5)."""

    change = ma.fields.Integer(metadata={"description": "The change's number", "example": 41})
    pending_regions = ma.fields.List(
        ma.fields.String(),
        metadata={"description": "Regions that have not applied the change yet", "example": []},
    )


def printable(value: str) -> None:
    """Errors: ValidationError when `value` is blank, or holds control characters or half a surrogate pair."""
    if not value.strip():
        raise ma.ValidationError("write something that can be seen")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in value):
        raise ma.ValidationError("leave out control characters and line breaks")


def account_id(value: str) -> None:
    """Rule T1. Errors: ValidationError."""
    if not ACCOUNT_ID.fullmatch(value):
        raise ma.ValidationError("use 1 to 64 letters, digits, dots and hyphens, and no spaces (rule T1)")
    if not value.strip("."):
        raise ma.ValidationError("an account ID of dots alone cannot be part of a URL: add a letter or digit")


def name_field(description: str, example: str, **options: Any) -> ma.fields.String:
    """A text for people, up to 200 characters."""
    return ma.fields.String(
        validate=[ma.validate.Length(1, NAME_LENGTH), printable],
        metadata={"description": description, "example": example},
        **options,
    )
