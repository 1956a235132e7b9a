"""Core gateways over HTTP (rules O6 and I1)."""

from __future__ import annotations

from typing import Any

from pymysql.constants import ER
from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

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
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.work import Work, work

cores = Resource("cores", "/v1/cores", "The carrier's gateways: where each region's calls go, and who may call in")
shown = CoreSchema().dump


@cores.operation(
    "POST", body=NewCore, answer=CoreChanged, status=201, example=EXAMPLE | APPLIED, needs=Scope.ADMINISTER
)
def add_core(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add a core gateway to a region"""
    core_id = new_identifier("co")
    with work() as unit:
        _insert(unit.cursor, wanted | {"id": core_id})
        unit.look_last(lambda: _refuse_gateway(unit.cursor, wanted["address"]))
        core = _known(store.read_core(unit.cursor, core_id), core_id)
        unit.record("create", "core", core_id, after=shown(core))
        unit.tell("core", core_id, {"region": core["region"]})
        unit.answer(core)
    return unit.answered()


@cores.operation("GET", query=CoreQuery, answer=CoreList)
def list_cores(query: dict[str, Any]) -> dict[str, Any]:
    """List core gateways"""
    with services().database.transaction() as cursor:
        return {"items": store.read_cores(cursor, query.get("region"))}


@cores.operation("GET", "/<core_id>", answer=CoreSchema, problems=(404,), example=EXAMPLE)
def get_core(core_id: str) -> dict[str, Any]:
    """Get a core gateway"""
    with services().database.transaction() as cursor:
        return _known(store.read_core(cursor, core_id), core_id)


@cores.operation(
    "PATCH",
    "/<core_id>",
    body=CoreChange,
    answer=CoreChanged,
    problems=(404,),
    example=EXAMPLE | APPLIED,
    needs=Scope.ADMINISTER,
)
def change_core(wanted: dict[str, Any], core_id: str) -> dict[str, Any]:
    """Relabel a core gateway, or send it no more calls"""
    with work() as unit:
        before = _lock(unit, core_id)
        store.update_core(unit.cursor, core_id, wanted)
        core = _known(store.read_core(unit.cursor, core_id), core_id)
        unit.record("change", "core", core_id, before=shown(before), after=shown(core))
        unit.tell("core", core_id, {"region": core["region"]})
        unit.answer(core)
    return unit.answered()


@cores.operation("DELETE", "/<core_id>", answer=CoreDeleted, problems=(404,), needs=Scope.ADMINISTER)
def remove_core(core_id: str) -> dict[str, Any]:
    """Remove a core gateway; calls in progress go on"""
    with work() as unit:
        core = _lock(unit, core_id)
        store.delete_core(unit.cursor, core_id)
        unit.record("delete", "core", core_id, before=shown(core))
        unit.tell("core", core_id, {"region": core["region"]})
        unit.answer({"id": core_id})
    return unit.answered()


def _insert(cursor: DictCursor, core: dict[str, Any]) -> None:
    if not store.is_region(cursor, core["region"]):
        raise _unknown_region(core["region"])
    try:
        store.insert_core(cursor, core)
    except IntegrityError as error:
        if error.args[0] == ER.NO_REFERENCED_ROW_2:  # removed since
            raise _unknown_region(core["region"]) from error
        place = f"{core['address']}:{core['port']}"
        detail = f"Region {core['region']} has the core {place} already: GET /v1/cores lists them."
        raise Refusal(409, "core-exists", detail) from error


def _unknown_region(name: str) -> Refusal:
    return Refusal(409, "unknown-region", f"region: there is no region {name}: GET /v1/regions lists them.")


def _refuse_gateway(cursor: DictCursor, address: str) -> None:
    """Looked at last, when no region can be added beside it."""
    if store.is_gateway(cursor, address):
        detail = "address: a region's gateway has it: regions know each other without being cores."
        raise Refusal(409, "gateways-address", detail)


def _lock(unit: Work, core_id: str) -> dict[str, Any]:
    core = _known(store.lock_core(unit.cursor, core_id), core_id)
    unit.expect(core)
    return core


def _known(core: dict[str, Any] | None, core_id: str) -> dict[str, Any]:
    if core is None:
        raise unknown("core", core_id, "GET /v1/cores lists them")
    return core
