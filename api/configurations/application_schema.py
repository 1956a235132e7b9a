"""What regions are asked to do with a configuration, in requests and answers."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.configurations.schema import MOST_VERSIONS, ActorSchema, version_field
from api.fields import Body, Flag, Instant, WholeNumber
from api.paging import PageQuery, PageSchema

ACTIONS: Final = ("check", "apply", "rollback")
STATES: Final = (
    "waiting",
    "checking",
    "switching",
    "trying",
    "checked",
    "in-force",
    "refused",
    "rolled-back",
    "withdrawn",
)
EXAMPLE: Final[dict[str, object]] = {
    "id": 12,
    "region": "nw1",
    "action": "apply",
    "version": 3,
    "previous": 2,
    "state": "waiting",
    "reason": None,
    "agent_silent": False,
    "asked_at": "2026-01-31T12:00:00.000Z",
    "began_at": None,
    "ended_at": None,
    "seconds": 0.0,
    "restarted": None,
    "actor_kind": "user",
    "actor": "us-x7k2m9p4q8wz",
    "actor_name": "alice@carrier.example",
}


class NewApplication(Body):
    """What a region shall do with a configuration."""

    action = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(ACTIONS),
        metadata={
            "description": "check: let Kamailio read it; apply: bring it into force; rollback: the same, "
            "with one that was in force before",
            "example": "apply",
        },
    )
    version = WholeNumber(
        allow_none=True,
        load_default=None,
        validate=ma.validate.Range(1, MOST_VERSIONS),
        metadata={
            "description": "Unless told: what is rendered now, and stored; of a rollback, the version that was in "
            "force before the one that is",
            "example": 3,
        },
    )


class ApplicationQuery(PageQuery):
    """Which page of applications."""


class ApplicationSchema(ActorSchema):
    """What a region was asked to do with a configuration, by whom, and what became of it."""

    id = ma.fields.Integer(metadata={"example": 12})
    region = ma.fields.String(metadata={"example": "nw1"})
    action = ma.fields.String(
        validate=ma.validate.OneOf((*ACTIONS, "start")),
        metadata={"description": "start: what the region's host rendered itself, and started with", "example": "apply"},
    )
    version = version_field("What it is about")
    previous = version_field("The version that was in force before", allow_none=True)
    state = ma.fields.String(
        validate=ma.validate.OneOf(STATES),
        metadata={
            "description": "waiting: for the region's agent; checking: Kamailio reads it; switching: the gateway gets "
            "it; trying: a canary registers and calls. The others are the end: checked, in-force; refused: it never "
            "came into force; rolled-back: it did, and what was in force before is again; withdrawn before it began",
            "example": "waiting",
        },
    )
    reason = ma.fields.String(
        allow_none=True, metadata={"description": "Why it was refused or rolled back", "example": None}
    )
    agent_silent = Flag(
        metadata={
            "description": "The region's agent has said nothing for five seconds: what waits, waits for it",
            "example": False,
        }
    )
    asked_at = Instant(metadata={"description": "When it was asked for"})
    began_at = Instant(allow_none=True, metadata={"description": "When the agent took it"})
    ended_at = Instant(allow_none=True, metadata={"description": "When it ended"})
    seconds = ma.fields.Float(
        metadata={
            "description": "From then on (while it waits: since it was asked for) to its end, or to now",
            "example": 3.2,
        }
    )
    restarted = Flag(allow_none=True, metadata={"description": "Whether the gateway was restarted", "example": None})


class ApplicationPage(PageSchema):
    """What a region was asked to do, newest first."""

    items = ma.fields.List(ma.fields.Nested(ApplicationSchema))
