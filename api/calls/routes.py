"""Live calls over HTTP, and ending them."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.calls import store
from api.calls.schema import ENDING, EXAMPLE, CallEnding, CallPage, CallQuery, CallSchema
from api.paging import page, place_of
from api.principal import own_tenant, scope
from api.problems import unknown
from api.rest import Resource
from api.services import services
from api.work import work

calls = Resource("calls", "/v1/calls", "Calls in progress")
shown = CallSchema().dump


@calls.operation("GET", query=CallQuery, answer=CallPage, tenants=True)
def list_calls(query: dict[str, Any]) -> dict[str, Any]:
    """List live calls, newest first"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        rows = store.read_calls(cursor, query | scope(), after, query["limit"] + 1)
    return page(rows, query, store.ORDERS)


@calls.operation("GET", "/<call_id>", answer=CallSchema, problems=(404,), example=EXAMPLE, tenants=True)
def get_call(call_id: str) -> dict[str, Any]:
    """Get a live call"""
    with services().database.transaction() as cursor:
        return _read(cursor, call_id)


@calls.operation("DELETE", "/<call_id>", answer=CallEnding, problems=(404,), example=ENDING, tenants=True)
def end_call(call_id: str) -> dict[str, Any]:
    """End a live call with a BYE to both sides"""
    with work() as unit:
        call = _read(unit.cursor, call_id)
        unit.expect(call)
        region = str(call["region"])
        unit.record("end", "call", call_id, before=shown(call))
        unit.tell("call", call_id, {"region": region})
        unit.answer({"id": call_id, "region": region}, region=region)
    return unit.answered()


def _read(cursor: DictCursor, call_id: str) -> dict[str, Any]:
    found = store.read_call(cursor, call_id, own_tenant())
    if found is None:
        raise unknown("live call", call_id, f"it may have ended: GET /v1/cdrs/{call_id}; GET /v1/calls lists others")
    return found
