"""Blocks in requests and answers (rule B5)."""

from __future__ import annotations

from typing import Final

import marshmallow as ma

from api.blocks.store import ORDERS
from api.fields import CREDENTIAL_EXAMPLE, Answer, AppliedSchema, Instant, Switch, filter_field
from api.paging import PageQuery, PageSchema, sort_field

EXAMPLE: Final = {"id": "k-6f1c0a9e", "region": "nw1", "change": 41, "pending_regions": []}


class BlockQuery(PageQuery):
    """Which blocks to list."""

    region = filter_field("Name of the region", "nw1")
    address = filter_field("Whose requests are blocked", "192.0.2.7")
    credential = filter_field("A credential's id or username", CREDENTIAL_EXAMPLE)
    ended = Switch(
        load_default=False, metadata={"description": "Also those that ended or were lifted", "example": True}
    )
    sort = sort_field(ORDERS)


class BlockSchema(Answer):
    """A sender that a region does not serve for a while."""

    id = ma.fields.String(metadata={"example": "k-6f1c0a9e"})
    region = ma.fields.String(metadata={"example": "nw1"})
    address = ma.fields.String(metadata={"example": "192.0.2.7"})
    username = ma.fields.String(
        allow_none=True, metadata={"description": "Null when the whole address is blocked", "example": "k3v8n2mq7x4t"}
    )
    credential = ma.fields.String(allow_none=True, metadata={"example": CREDENTIAL_EXAMPLE})
    cause = ma.fields.String(metadata={"example": "wrong_passwords"})
    rule = ma.fields.String(metadata={"example": "B2"})
    at = Instant(metadata={"description": "When it began"})
    until = Instant(metadata={"description": "When it ends of its own accord"})
    lifted_at = Instant(allow_none=True, metadata={"description": "When an administrator lifted it", "example": None})
    ends_in = ma.fields.Integer(metadata={"description": "Seconds; 0 when it is over", "example": 812})


class BlockPage(PageSchema):
    """Blocks, newest first."""

    items = ma.fields.List(ma.fields.Nested(BlockSchema))


class BlockLifted(AppliedSchema):
    """The block that is no more."""

    id = ma.fields.String(metadata={"example": "k-6f1c0a9e"})
    region = ma.fields.String(metadata={"example": "nw1"})
