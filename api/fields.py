"""Fields and schemas that several resources share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final, NoReturn

import marshmallow as ma

from api import texts
from api.texts import Pattern, whole_characters

NAME_LENGTH: Final = 200
ACCOUNT_ID_LENGTH: Final = 64
CREDENTIAL_EXAMPLE: Final = "cr-x7k2m9p4q8wz"
CREATED: Final = {"description": "When it was made"}
UPDATED: Final = {"description": "When it was last changed"}

visible = Pattern(texts.VISIBLE, "write something that can be seen, without control characters and line breaks")
account_id = Pattern(
    texts.ACCOUNT_ID, "use 1 to 64 letters, digits, dots and hyphens, and no spaces (rule T1); dots alone are none"
)
region_name = Pattern("[!-~]{1,32}", "write a region's name, such as nw1")
name_wanted = Pattern(
    texts.NAME, "write 1 to 64 ASCII characters without spaces: no identifier or address of this service has others"
)
host_address = Pattern(texts.HOST, "write a host's IPv4 address, such as 192.0.2.200: no name is looked up")


class Instant(ma.fields.Field[datetime]):
    """A moment in UTC, as `2026-01-31T12:00:00.123Z`. MariaDB gives it without a zone."""

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Moment(ma.fields.String):
    """A moment in a request: RFC 3339, UTC where no zone is named; without a zone once loaded, as MariaDB has it."""

    def __init__(self, **options: Any) -> None:
        wrong = "write a time in UTC, such as 2026-01-31T12:00:00Z, or a day"
        super().__init__(validate=Pattern(texts.MOMENT, wrong), post_load=_in_utc, **options)


class Day(ma.fields.String):
    """A day in a request, as `2026-01-31`."""

    def __init__(self, **options: Any) -> None:
        wrong = "write a day, such as 2026-01-31"
        super().__init__(validate=Pattern(texts.DAY, wrong), post_load=date.fromisoformat, **options)


class Switch(ma.fields.Boolean):
    """true or false in a query, and nothing that looks like it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(truthy={"true"}, falsy={"false"}, **options)


class WholeNumber(ma.fields.Integer):
    """JSON's integers, of which 5060.0 is one (JSON Schema validation, section 6.1.1), and no text."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, **options)

    def _deserialize(self, value: Any, *rest: Any, **more: Any) -> int:
        whole = isinstance(value, float) and value.is_integer()
        return super()._deserialize(int(value) if whole else value, *rest, **more)


class Flag(ma.fields.Boolean):
    """JSON's true and false. In a body, what merely looks like it (0, 1, "yes") is refused; MariaDB gives 0 and 1."""

    def _serialize(self, value: int | None, attr: str | None, obj: Any, **kwargs: Any) -> bool | None:  # noqa: ARG002
        return None if value is None else bool(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **more: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return bool(super()._deserialize(value, attr, data, **more))


class Body(ma.Schema):
    """What a request's body may hold. Unknown fields are refused; those in `refused` with their own reason.

    `rules` says in JSON Schema what fields have to do with each other, in words that `validates_schema` has too.
    """

    class Meta:
        unknown = ma.RAISE

    refused: ClassVar[Mapping[str, str]] = {}
    rules: ClassVar[Mapping[str, Any]] = {}

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


def account_id_field(description: str, **options: Any) -> ma.fields.String:
    """A tenant's account ID (rule T1)."""
    length = ma.validate.Length(1, ACCOUNT_ID_LENGTH)
    metadata = {"description": description, "example": "acme-42"}
    return ma.fields.String(validate=[length, account_id], metadata=metadata, **options)


def filter_field(description: str, example: str) -> ma.fields.String:
    """The whole of a name in a query."""
    return ma.fields.String(validate=name_wanted, metadata={"description": description, "example": example})


def name_field(description: str, example: str, **options: Any) -> ma.fields.String:
    """A text for people, up to 200 characters."""
    return ma.fields.String(
        validate=[ma.validate.Length(1, NAME_LENGTH), visible, whole_characters],
        metadata={"description": description, "example": example},
        **options,
    )


def one_of(*names: str) -> dict[str, Any]:
    """JSON Schema: at least one of these fields is there."""
    return {"anyOf": [{"required": [name]} for name in names]}


def _in_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    try:
        return (moment if moment.tzinfo is None else moment.astimezone(UTC)).replace(tzinfo=None)
    except OverflowError:  # the first day of the year 1, or the last of 9999
        return datetime.min if moment.year == 1 else datetime.max  # noqa: DTZ901
