"""The emergency list over HTTP (rule O4): numbers that pass O2, O3 and B1, in the whole deployment."""

from __future__ import annotations

from typing import Any

from pymysql.err import IntegrityError

from api.emergency import store
from api.emergency.schema import (
    EXAMPLE,
    SHOWN,
    EmergencyNumberAdded,
    EmergencyNumberList,
    EmergencyNumberRemoved,
    EmergencyNumberSchema,
    NewEmergencyNumber,
)
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.work import work

emergency_numbers = Resource("emergency-numbers", "/v1/emergency-numbers", "Numbers that pass every limit (O4)")
shown = EmergencyNumberSchema().dump


@emergency_numbers.operation("GET", answer=EmergencyNumberList, tenants=True)
def list_emergency_numbers() -> dict[str, Any]:
    """List emergency numbers"""
    with services().database.transaction() as cursor:
        return {"items": store.read_all(cursor)}


@emergency_numbers.operation(
    "GET", "/<digits>", answer=EmergencyNumberSchema, problems=(404,), example=SHOWN, tenants=True
)
def get_emergency_number(digits: str) -> dict[str, Any]:
    """Get an emergency number"""
    with services().database.transaction() as cursor:
        return _known(store.read(cursor, digits), digits)


@emergency_numbers.operation(
    "POST", body=NewEmergencyNumber, answer=EmergencyNumberAdded, status=201, example=EXAMPLE, needs=Scope.ADMINISTER
)
def add_emergency_number(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add an emergency number"""
    digits = wanted["digits"]
    with work() as unit:
        try:
            store.insert(unit.cursor, wanted)
        except IntegrityError as error:
            detail = f"{digits} is an emergency number already: there is nothing to do."
            raise Refusal(409, "emergency-number-exists", detail) from error
        added = _known(store.read(unit.cursor, digits), digits)
        unit.record("create", "emergency_number", digits, after=shown(added))
        unit.tell("emergency_number", digits)
        unit.answer(added)
    return unit.answered()


@emergency_numbers.operation(
    "DELETE", "/<digits>", answer=EmergencyNumberRemoved, problems=(404,), needs=Scope.ADMINISTER
)
def remove_emergency_number(digits: str) -> dict[str, Any]:
    """Remove an emergency number"""
    with work() as unit:
        found = _known(store.read(unit.cursor, digits, lock=True), digits)
        unit.expect(found)
        store.delete(unit.cursor, digits)
        unit.record("delete", "emergency_number", digits, before=shown(found))
        unit.tell("emergency_number", digits)
        unit.answer({"digits": digits})
    return unit.answered()


def _known(found: dict[str, Any] | None, digits: str) -> dict[str, Any]:
    if not found:
        raise unknown("emergency number", digits, "GET /v1/emergency-numbers lists them")
    return found
