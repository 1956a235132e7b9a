"""Live calls over HTTP, and ending them."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.calls import store
from api.calls.schema import ENDING, EXAMPLE, CallEnding, CallPage, CallQuery, CallSchema
from api.changes import next_change
from api.paging import page, read_moment_cursor
from api.problems import unknown
from api.rest import Resource
from api.services import services

calls = Resource("calls", "/v1/calls", "Calls in progress")


@calls.operation("GET", query=CallQuery, answer=CallPage)
def list_calls(query: dict[str, Any]) -> dict[str, Any]:
    """List live calls, newest first"""
    after = read_moment_cursor(query["after"]) if query["after"] else None
    with services().database.transaction() as cursor:
        rows = store.read_calls(cursor, query, after, query["limit"] + 1)
    return page(rows, query["limit"], "started_at", "id")


@calls.operation("GET", "/<call_id>", answer=CallSchema, problems=(404,), example=EXAMPLE)
def get_call(call_id: str) -> dict[str, Any]:
    """Get a live call"""
    with services().database.transaction() as cursor:
        return _read(cursor, call_id)


@calls.operation("DELETE", "/<call_id>", answer=CallEnding, problems=(404,), example=ENDING)
def end_call(call_id: str) -> dict[str, Any]:
    """End a live call with a BYE to both sides"""
    with services().database.transaction() as cursor:
        region = str(_read(cursor, call_id)["region"])
        change = next_change(cursor, "call", call_id, {"region": region})
    return {"id": call_id, "region": region} | services().applying.outcome(change, region)


def _read(cursor: DictCursor, call_id: str) -> dict[str, Any]:
    found = store.read_call(cursor, call_id)
    if found is None:
        raise unknown("live call", call_id, f"it may have ended: GET /v1/cdrs/{call_id}; GET /v1/calls lists others")
    return found
