"""Traffic in answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.fields import Answer, Instant
from api.paging import Query
from api.traffic.steps import PERIODS

USUAL: Final = "hour"
PERIOD: Final = {"description": "hour: 60 steps of a minute; day: 96 of a quarter of an hour", "example": USUAL}
REGION: Final = {"description": "Name of the region", "example": "nw1"}


class TrafficQuery(Query):
    """How far back."""

    period = ma.fields.String(load_default=USUAL, validate=ma.validate.OneOf(list(PERIODS)), metadata=PERIOD)


class PointSchema(Answer):
    """What a region did within one step."""

    at = Instant(metadata={"description": "When the step began", "example": "2026-01-31T12:00:00.000Z"})
    bindings = ma.fields.Integer(
        allow_none=True, metadata={"description": "Most live ones; null where nothing was reported", "example": 950}
    )
    calls = ma.fields.Integer(
        allow_none=True, metadata={"description": "Most at once; null where nothing was reported", "example": 87}
    )
    channels = ma.fields.Integer(
        allow_none=True,
        metadata={"description": "Most slots of rule O3 at once; null where nothing was reported", "example": 61},
    )
    started = ma.fields.Integer(metadata={"description": "Calls that started, refused ones left out", "example": 42})
    refused = ma.fields.Integer(metadata={"description": "Requests that were refused, and blocks", "example": 3})


class RegionTrafficSchema(Answer):
    """A region, step by step."""

    region = ma.fields.String(metadata=REGION)
    points = ma.fields.List(ma.fields.Nested(PointSchema))


class RefusalsSchema(Answer):
    """How often a region refused for one cause."""

    region = ma.fields.String(metadata=REGION)
    rule = ma.fields.String(metadata={"description": "That it follows", "example": "R4"})
    cause = ma.fields.String(metadata={"description": "In the words of events", "example": "early"})
    code = ma.fields.Integer(allow_none=True, metadata={"description": "SIP status; null for silence", "example": 429})
    count = ma.fields.Integer(metadata={"description": "How often", "example": 3})


class TrafficSchema(Answer):
    """All regions' traffic, by name and step, and the most frequent refusals, at most fifty."""

    period = ma.fields.String(validate=ma.validate.OneOf(list(PERIODS)), metadata=PERIOD)
    step = ma.fields.Integer(metadata={"description": "Seconds from one point to the next", "example": 60})
    since = Instant(metadata={"description": "When the first step began", "example": "2026-01-31T11:01:00.000Z"})
    until = Instant(
        metadata={"description": "When the last step, under way, will end", "example": "2026-01-31T12:01:00.000Z"}
    )
    regions = ma.fields.List(ma.fields.Nested(RegionTrafficSchema))
    refusals = ma.fields.List(ma.fields.Nested(RefusalsSchema))
