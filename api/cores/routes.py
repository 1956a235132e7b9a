"""Core gateways over HTTP (rules O6 and I1)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.changes import next_change
from api.cores import store
from api.cores.schema import (
    APPLIED,
    EXAMPLE,
    CoreChange,
    CoreChanged,
    CoreDeleted,
    CoreList,
    CoreQuery,
    CoreSchema,
    NewCore,
)
from api.passwords import new_identifier
from api.problems import Refusal, unknown, wrong_field
from api.rest import Resource
from api.services import services

cores = Resource("cores", "/v1/cores", "The carrier's gateways: where each region's calls go, and who may call in")


@cores.operation("POST", body=NewCore, answer=CoreChanged, status=201, problems=(409,), example=EXAMPLE | APPLIED)
def add_core(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a core gateway to a region"""
    core_id = new_identifier("co")
    try:
        with services().database.transaction() as cursor:
            if not store.is_region(cursor, wanted["region"]):
                raise wrong_field("region", f"there is no region {wanted['region']}: GET /v1/regions lists them")
            if store.is_gateway(cursor, wanted["address"]):
                raise wrong_field("address", "a region's gateway has it: regions know each other without being cores")
            store.insert_core(cursor, wanted | {"id": core_id})
            core = _read(cursor, core_id)
            change = next_change(cursor, "core", core_id, {"region": core["region"]})
    except IntegrityError as error:
        place = f"{wanted['address']}:{wanted['port']}"
        detail = f"Region {wanted['region']} has the core {place} already: GET /v1/cores lists them."
        raise Refusal(409, "core-exists", detail) from error
    return core | services().applying.outcome(change)


@cores.operation("GET", query=CoreQuery, answer=CoreList)
def list_cores(query: dict[str, Any]) -> dict[str, Any]:
    """List core gateways"""
    with services().database.transaction() as cursor:
        return {"items": store.read_cores(cursor, query.get("region"))}


@cores.operation("GET", "/<core_id>", answer=CoreSchema, problems=(404,), example=EXAMPLE)
def get_core(core_id: str) -> dict[str, Any]:
    """Get a core gateway"""
    with services().database.transaction() as cursor:
        return _read(cursor, core_id)


@cores.operation("PATCH", "/<core_id>", body=CoreChange, answer=CoreChanged, problems=(404,), example=EXAMPLE | APPLIED)
def change_core(wanted: dict[str, Any], core_id: str) -> dict[str, Any]:
    """Relabel a core gateway, or send it no more calls"""
    with services().database.transaction() as cursor:
        store.update_core(cursor, core_id, wanted)
        core = _read(cursor, core_id)
        change = next_change(cursor, "core", core_id, {"region": core["region"]})
    return core | services().applying.outcome(change)


@cores.operation("DELETE", "/<core_id>", answer=CoreDeleted, problems=(404,))
def remove_core(core_id: str) -> dict[str, Any]:
    """Remove a core gateway; calls in progress go on"""
    with services().database.transaction() as cursor:
        core = _read(cursor, core_id)
        store.delete_core(cursor, core_id)
        change = next_change(cursor, "core", core_id, {"region": core["region"]})
    return {"id": core_id} | services().applying.outcome(change)


def _read(cursor: DictCursor, core_id: str) -> dict[str, Any]:
    core = store.read_core(cursor, core_id)
    if core is None:
        raise unknown("core", core_id, "GET /v1/cores lists them")
    return core
