"""Configurations of regions in requests and answers (rule F3)."""

from __future__ import annotations

from typing import Any, Final

import marshmallow as ma

from api.audit.schema import ACTORS
from api.fields import Answer, Flag, Instant, Switch
from api.paging import PageQuery, PageSchema, Query

MOST_VERSIONS: Final = 2**32 - 1
DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FILES: Final = {"kamailio.cfg": "#!KAMAILIO\n", "region.json": "{}\n"}
IN_FORCE: Final = "Whether the region's agent says that it runs this"
EXAMPLE: Final[dict[str, object]] = {
    "region": "nw1",
    "version": 3,
    "digest": DIGEST,
    "rendered_at": "2026-01-31T12:00:00.000Z",
    "actor_kind": "user",
    "actor": "us-x7k2m9p4q8wz",
    "actor_name": "alice@carrier.example",
    "in_force": False,
}
CORES: Final = "192.0.2.200:5060 enabled co-x7k2m9p4q8wz Softswitch A\n"


def version_field(described: str, **more: Any) -> ma.fields.Integer:
    """A version in an answer."""
    return ma.fields.Integer(metadata={"description": described, "example": 3}, **more)


def _files() -> ma.fields.Dict:
    described = {"description": "Texts by file name", "example": FILES}
    return ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), metadata=described)


def _digest() -> ma.fields.String:
    return ma.fields.String(metadata={"description": "SHA-256 of the files and their names", "example": DIGEST})


class ActorSchema(Answer):
    """Who did it."""

    actor_kind = ma.fields.String(
        validate=ma.validate.OneOf(ACTORS),
        metadata={"description": "service: the region's host, of its own accord", "example": "user"},
    )
    actor = ma.fields.String(
        allow_none=True, metadata={"description": "Id of the key or user", "example": "us-x7k2m9p4q8wz"}
    )
    actor_name = ma.fields.String(
        allow_none=True,
        metadata={"description": "Its label or name at that moment", "example": "alice@carrier.example"},
    )


class ConfigurationRow(ActorSchema):
    """A version of a region's configuration, without its files."""

    region = ma.fields.String(metadata={"example": "nw1"})
    version = version_field("Counts up for each region")
    digest = _digest()
    rendered_at = Instant(metadata={"description": "When it was rendered first"})
    in_force = Flag(metadata={"description": IN_FORCE, "example": False})


class ConfigurationSchema(ConfigurationRow):
    """A version of a region's configuration, which never changes."""

    files = _files()


class ConfigurationStored(ConfigurationRow):
    """The version that holds what was rendered."""

    new = Flag(
        metadata={
            "description": "False: this very configuration was stored before, and is that version",
            "example": True,
        }
    )


class ConfigurationPage(PageSchema):
    """Versions of a region's configuration, newest first."""

    items = ma.fields.List(ma.fields.Nested(ConfigurationRow))


class RenderingSchema(Answer):
    """What the region would run if it were rendered and applied now."""

    region = ma.fields.String(metadata={"example": "nw1"})
    digest = _digest()
    version = version_field("The version that holds just this; null: none does yet", allow_none=True)
    newest = version_field("The newest version that is stored; null: none is", allow_none=True)
    version_in_force = version_field("The version that the region runs; null: its agent did not say", allow_none=True)
    in_force = Flag(metadata={"description": IN_FORCE, "example": False})
    files = _files()
    cores = ma.fields.String(
        metadata={
            "description": "The region's core gateways now, a line each. They are no part of a configuration",
            "example": CORES,
        }
    )


def _version_wanted(name: str, described: str) -> ma.fields.Integer:
    return ma.fields.Integer(
        data_key=name,
        load_default=None,
        validate=ma.validate.Range(1, MOST_VERSIONS),
        metadata={"description": described, "example": 3},
    )


class DiffQuery(Query):
    """Which two configurations to compare."""

    before = _version_wanted("from", "A version; what the region runs unless told")
    after = _version_wanted("to", "A version; what would be rendered now unless told")
    back = Switch(
        load_default=False,
        metadata={
            "description": "true: to what a rollback would bring back (409 together with `to`)",
            "example": False,
        },
    )


class FileDifference(Answer):
    """A file that is not the same in both."""

    name = ma.fields.String(metadata={"example": "kamailio.cfg"})
    state = ma.fields.String(
        validate=ma.validate.OneOf(("added", "changed", "removed")), metadata={"example": "changed"}
    )
    diff = ma.fields.String(
        metadata={
            "description": "Unified diff",
            "example": "--- kamailio.cfg (version 2)\n+++ kamailio.cfg (rendered now)\n@@ -1 +1 @@\n-a\n+b\n",
        }
    )


class DiffSchema(Answer):
    """What differs between two configurations of a region, file by file in the order of their names."""

    region = ma.fields.String(metadata={"example": "nw1"})
    before = version_field(
        "Null: nothing is known to be in force, or no version holds it", data_key="from", allow_none=True
    )
    after = version_field("Null: rendered now, and not stored yet", data_key="to", allow_none=True)
    identical = Flag(metadata={"description": "Nothing differs", "example": False})
    files = ma.fields.List(ma.fields.Nested(FileDifference))


class ConfigurationQuery(PageQuery):
    """Which page of versions."""
