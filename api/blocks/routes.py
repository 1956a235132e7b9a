"""Blocks over HTTP (rule B5)."""

from __future__ import annotations

from typing import Any

from api.blocks.schema import EXAMPLE, BlockLifted, BlockPage, BlockQuery
from api.blocks.store import read_blocks
from api.changes import next_change
from api.paging import page, read_moment_cursor
from api.problems import unknown
from api.rest import Resource
from api.services import services

blocks = Resource("blocks", "/v1/blocks", "Senders that a region does not serve for a while, and why")


@blocks.operation("GET", query=BlockQuery, answer=BlockPage)
def list_blocks(query: dict[str, Any]) -> dict[str, Any]:
    """List blocks, newest first"""
    after = read_moment_cursor(query["after"]) if query["after"] else None
    with services().database.transaction() as cursor:
        rows = read_blocks(cursor, query, after, query["limit"] + 1)
    return page(rows, query["limit"], "at", "id")


@blocks.operation("DELETE", "/<block_id>", answer=BlockLifted, problems=(404,), example=EXAMPLE)
def lift_block(block_id: str) -> dict[str, Any]:
    """Lift a block; the interval between registrations still holds"""
    with services().database.transaction() as cursor:
        found = read_blocks(cursor, {"id": block_id})
        if not found:
            raise unknown("active block", block_id, "it may have ended; GET /v1/blocks lists the active ones")
        region = str(found[0]["region"])
        change = next_change(cursor, "block", block_id, {"region": region})
    return {"id": block_id, "region": region} | services().applying.outcome(change, region)
