"""Blocks over HTTP (rule B5)."""

from __future__ import annotations

from typing import Any

from api.blocks.schema import EXAMPLE, BlockLifted, BlockPage, BlockQuery, BlockSchema
from api.blocks.store import ORDERS, read_blocks
from api.paging import page, place_of
from api.principal import scope
from api.problems import unknown
from api.rest import Resource
from api.services import services
from api.work import work

blocks = Resource("blocks", "/v1/blocks", "Senders that a region does not serve for a while, and why")
shown = BlockSchema().dump


@blocks.operation("GET", query=BlockQuery, answer=BlockPage, tenants=True)
def list_blocks(query: dict[str, Any]) -> dict[str, Any]:
    """List blocks, newest first"""
    after = place_of(query, ORDERS)
    with services().database.transaction() as cursor:
        rows = read_blocks(cursor, query | scope(), after, query["limit"] + 1)
    return page(rows, query, ORDERS)


@blocks.operation("GET", "/<block_id>", answer=BlockSchema, problems=(404,), tenants=True)
def get_block(block_id: str) -> dict[str, Any]:
    """Get a block, also one that has ended"""
    with services().database.transaction() as cursor:
        found = read_blocks(cursor, {"id": block_id, "ended": True} | scope())
    if not found:
        raise unknown("block", block_id, "GET /v1/blocks lists the active ones")
    return found[0]


@blocks.operation("DELETE", "/<block_id>", answer=BlockLifted, problems=(404,), example=EXAMPLE)
def lift_block(block_id: str) -> dict[str, Any]:
    """Lift a block; the interval between registrations still holds"""
    with work() as unit:
        found = read_blocks(unit.cursor, {"id": block_id})
        if not found:
            raise unknown("active block", block_id, "it may have ended; GET /v1/blocks lists the active ones")
        unit.expect(found[0])
        region = str(found[0]["region"])
        unit.record("lift", "block", block_id, before=shown(found[0]), tenant=found[0]["tenant"])
        unit.tell("block", block_id, {"region": region})
        unit.answer({"id": block_id, "region": region}, region=region)
    return unit.answered()
