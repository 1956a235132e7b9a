"""Regions over HTTP (rules D1, D2 and I3)."""

from __future__ import annotations

from typing import Any

from pymysql.err import IntegrityError

from api.principal import Scope, own_tenant
from api.problems import unknown
from api.regions import store
from api.regions.changing import refuse_address, refuse_hazard, refuse_if_used, taken
from api.regions.schema import (
    NewRegion,
    PlaceSchema,
    RegionChange,
    RegionChanged,
    RegionDeleted,
    RegionList,
    RegionSchema,
)
from api.rest import Resource
from api.services import services
from api.work import Work, work

regions = Resource("regions", "/v1/regions", "Where PBXs register, and how far each region has come")
shown = PlaceSchema().dump


@regions.operation("POST", body=NewRegion, answer=RegionChanged, status=201, needs=Scope.ADMINISTER)
def add_region(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a region; it is in no DNS until it is in service"""
    name = wanted["name"]
    with work() as unit:
        try:
            store.insert_region(unit.cursor, wanted)
        except IntegrityError as error:
            raise taken(error, wanted) from error
        region = _known(store.read_region(unit.cursor, name), name)
        refuse_hazard(unit.cursor, region | {"state": store.OUT}, wanted)
        unit.look_last(lambda: refuse_address(unit.cursor, region))
        unit.record("create", "region", name, after=shown(region))
        unit.tell("region", name)
        unit.answer(region)
    return unit.answered()


@regions.operation("GET", answer=RegionList, tenants=True)
def list_regions() -> dict[str, Any]:
    """List regions with their state, heartbeat and applied change"""
    with services().database.transaction() as cursor:
        return {"items": [_visible(row) for row in store.read_regions(cursor)]}


@regions.operation("GET", "/<name>", answer=RegionSchema, problems=(404,), tenants=True)
def get_region(name: str) -> dict[str, Any]:
    """Get a region"""
    with services().database.transaction() as cursor:
        return _visible(_known(store.read_region(cursor, name), name))


@regions.operation(
    "PATCH", "/<name>", body=RegionChange, answer=RegionChanged, problems=(404, 409), needs=Scope.ADMINISTER
)
def change_region(wanted: dict[str, Any], name: str) -> dict[str, Any]:
    """Take a region into or out of service, relabel it, or move it while it is down"""
    with work() as unit:
        before = _lock(unit, name)
        refuse_hazard(unit.cursor, before, wanted)
        try:
            store.update_region(unit.cursor, before["name"], wanted)
        except IntegrityError as error:
            raise taken(error, wanted) from error
        region = _known(store.read_region(unit.cursor, name), name)
        unit.look_last(lambda: refuse_address(unit.cursor, region))
        unit.record("change", "region", region["name"], before=shown(before), after=shown(region))
        unit.tell("region", region["name"])
        unit.answer(region)
    return unit.answered()


@regions.operation("DELETE", "/<name>", answer=RegionDeleted, problems=(404, 409), needs=Scope.ADMINISTER)
def remove_region(name: str) -> dict[str, Any]:
    """Remove a region that is stopped and that nothing uses"""
    with work() as unit:
        region = _lock(unit, name)
        refuse_if_used(unit.cursor, region)
        store.delete_region(unit.cursor, region["name"])
        unit.record("delete", "region", region["name"], before=shown(region))
        unit.tell("region", region["name"])
        unit.answer({"name": region["name"]})
    return unit.answered()


def _lock(unit: Work, name: str) -> dict[str, Any]:
    region = _known(store.lock_region(unit.cursor, name), name)
    unit.expect(region)
    return region


def _known(region: dict[str, Any] | None, name: str) -> dict[str, Any]:
    if region is None:
        raise unknown("region", name, "GET /v1/regions lists them")
    return region


def _visible(region: dict[str, Any]) -> dict[str, Any]:
    """For who is bound to a tenant: totals tell of others, and what runs here is the carrier's own business."""
    return region if own_tenant() is None else region | dict.fromkeys((*store.TOTALS, *store.INNER))
