"""Bindings over HTTP: what is registered now, and removing it (rules R6 and C5)."""

from __future__ import annotations

from typing import Any

from api.bindings.schema import EXAMPLE, BindingPage, BindingQuery, BindingRemoved
from api.bindings.store import read_bindings
from api.changes import next_change
from api.paging import page, read_text_cursor
from api.problems import unknown
from api.rest import Resource
from api.services import services

bindings = Resource("bindings", "/v1/bindings", "Live registrations, at most one a credential and region")


@bindings.operation("GET", query=BindingQuery, answer=BindingPage)
def list_bindings(query: dict[str, Any]) -> dict[str, Any]:
    """List live bindings"""
    wanted = query | {"after": read_text_cursor(query["after"]) if query["after"] else None}
    with services().database.transaction() as cursor:
        return page(read_bindings(cursor, wanted, query["limit"] + 1), query["limit"], "id")


@bindings.operation("DELETE", "/<binding_id>", answer=BindingRemoved, problems=(404,), example=EXAMPLE)
def remove_binding(binding_id: str) -> dict[str, Any]:
    """Remove a binding; the PBX may register again when its interval allows"""
    with services().database.transaction() as cursor:
        found = read_bindings(cursor, {"id": binding_id})
        if not found:
            raise unknown("binding", binding_id, "GET /v1/bindings lists the live ones")
        place = {"region": found[0]["region"], "username": found[0]["username"]}
        change = next_change(cursor, "binding", binding_id, place)
    return {"id": binding_id} | place | services().applying.outcome(change, place["region"])
