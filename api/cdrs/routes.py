"""Call records over HTTP (rules O5, I5 and F2)."""

from __future__ import annotations

from typing import Any

from api.cdrs.schema import EXAMPLE, CdrPage, CdrQuery, CdrSchema
from api.cdrs.store import read_cdr, read_cdrs
from api.paging import page, read_moment_cursor
from api.problems import unknown
from api.rest import Resource
from api.services import services

cdrs = Resource("cdrs", "/v1/cdrs", "Records of calls that have ended or were refused")


@cdrs.operation("GET", query=CdrQuery, answer=CdrPage)
def list_cdrs(query: dict[str, Any]) -> dict[str, Any]:
    """List call records, newest first"""
    after = read_moment_cursor(query["after"]) if query["after"] else None
    with services().database.transaction() as cursor:
        return page(read_cdrs(cursor, query, after, query["limit"] + 1), query["limit"], "started_at", "id")


@cdrs.operation("GET", "/<call_id>", answer=CdrSchema, problems=(404,), example=EXAMPLE)
def get_cdr(call_id: str) -> dict[str, Any]:
    """Get a call record"""
    with services().database.transaction() as cursor:
        found = read_cdr(cursor, call_id)
    if found is None:
        raise unknown("call record", call_id, f"the call may go on: GET /v1/calls/{call_id}; GET /v1/cdrs lists others")
    return found
