"""Timelines in requests and answers."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.fields import Answer, Instant
from api.paging import Query
from kemi.agent.history import LEFT, REMOVALS
from kemi.agent.ring import SHOWN_SECONDS

MOST_HOURS: Final = SHOWN_SECONDS // 3600
CAUSES: Final = (LEFT, *sorted(REMOVALS))
REFUSED: Final = "Registered 41 s after the last registration; the minimum is 100 s; next allowed at 14:03:20 UTC."
REMOVED: Final = "An administrator removed the registration of 192.0.2.7. The PBX may register again."


def _text(description: str, example: str | None, **options: Any) -> ma.fields.String:
    return ma.fields.String(metadata={"description": description, "example": example}, **options)


def _count(description: str, example: int | None, **options: Any) -> ma.fields.Integer:
    return ma.fields.Integer(metadata={"description": description, "example": example}, **options)


def _instant(description: str, **options: Any) -> Instant:
    return Instant(metadata={"description": description}, **options)


def _list(schema: type[ma.Schema], description: str) -> Any:
    return ma.fields.List(ma.fields.Nested(schema), metadata={"description": description})


class TimelineQuery(Query):
    """How much of it."""

    hours = ma.fields.Integer(
        load_default=1,
        validate=ma.validate.Range(1, MOST_HOURS),
        metadata={"description": f"How far back, at most {MOST_HOURS}", "example": 1},
    )


class LifeSchema(Answer):
    """An accepted registration."""

    at = _instant("When it was accepted")
    ends_at = _instant(
        "When what it granted ended, or will: the next one took its place, it was removed, or time passed"
    )
    address = _text("Where the REGISTER came from", "192.0.2.7")
    port = _count("The same", 5062)
    user_agent = _text("What the PBX calls itself", "Asterisk PBX 22", allow_none=True)


class RefusalSchema(Answer):
    """Why something was refused, once or several times."""

    at = _instant("When; the first of several")
    until = _instant("End of the span when several are counted together", allow_none=True)
    count = _count("How many are counted together", 1)
    method = _text("SIP method", "REGISTER", allow_none=True)
    code = _count("SIP status; null: silence", 429, allow_none=True)
    rule = _text("Rule that it comes from", "R4")
    cause = _text("What it is, for programs", "early")
    retry_after = _count("Seconds that the answer named", 59, allow_none=True)
    address = _text("Who sent it", "192.0.2.7", allow_none=True)
    user_agent = _text("What the sender calls itself", "Asterisk PBX 22", allow_none=True)
    sentence = _text("The same for people", REFUSED)


class RemovalSchema(Answer):
    """A binding that went before its time."""

    at = _instant("When")
    cause = _text("`deregistered`: the PBX left", "removed", validate=ma.validate.OneOf(CAUSES))
    sentence = _text("What the event says; null: there is none, the PBX left", REMOVED, allow_none=True)


class RegionTimelineSchema(Answer):
    """What a region saw."""

    region = _text("Its name", "nw1")
    registrations = _list(LifeSchema, "Accepted ones that lived in this time, oldest first")
    refusals = _list(RefusalSchema, "The latest 200, oldest first, of requests that named this username")
    refusals_left_out = _count("Older ones of this time; of the latest 5,000 events of the username", 0)
    removals = _list(RemovalSchema, "Oldest first")


class TimelineSchema(Answer):
    """What came of a credential's PBX, and what became of it."""

    since = _instant("From when")
    until = _instant("Now")
    interval = _count("Seconds between two accepted registrations in a region (rule R4)", 100)
    granted = _count("Seconds that a registration is granted (rule R5)", 300)
    regions = _list(RegionTimelineSchema, "By name")
