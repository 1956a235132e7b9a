"""Bindings over HTTP: what is registered now, and removing it (rules R6 and C5)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.bindings.schema import EXAMPLE, BindingPage, BindingQuery, BindingRemoved, BindingSchema
from api.bindings.store import ORDERS, read_bindings
from api.paging import page, place_of
from api.principal import scope
from api.problems import unknown
from api.rest import Resource
from api.services import services
from api.work import work

bindings = Resource("bindings", "/v1/bindings", "Live registrations, at most one a credential and region")
shown = BindingSchema().dump


@bindings.operation("GET", query=BindingQuery, answer=BindingPage, tenants=True)
def list_bindings(query: dict[str, Any]) -> dict[str, Any]:
    """List live bindings"""
    after = place_of(query, ORDERS)
    with services().database.transaction() as cursor:
        return page(read_bindings(cursor, query | scope(), after, query["limit"] + 1), query, ORDERS)


@bindings.operation("GET", "/<binding_id>", answer=BindingSchema, problems=(404,), tenants=True)
def get_binding(binding_id: str) -> dict[str, Any]:
    """Get a live binding"""
    with services().database.transaction() as cursor:
        return _read(cursor, binding_id)


@bindings.operation("DELETE", "/<binding_id>", answer=BindingRemoved, problems=(404,), example=EXAMPLE, tenants=True)
def remove_binding(binding_id: str) -> dict[str, Any]:
    """Remove a binding; the PBX may register again when its interval allows"""
    with work() as unit:
        found = _read(unit.cursor, binding_id)
        unit.expect(found)
        place = {"region": found["region"], "username": found["username"]}
        unit.record("remove", "binding", binding_id, before=shown(found), tenant=found["tenant"])
        unit.tell("binding", binding_id, place)
        unit.answer({"id": binding_id} | place, region=found["region"])
    return unit.answered()


def _read(cursor: DictCursor, binding_id: str) -> dict[str, Any]:
    found = read_bindings(cursor, {"id": binding_id} | scope())
    if not found:
        raise unknown("binding", binding_id, "GET /v1/bindings lists the live ones")
    return found[0]
