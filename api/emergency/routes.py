"""The emergency list over HTTP (rule O4): numbers that pass O2, O3 and B1, in the whole deployment."""

from __future__ import annotations

from typing import Any

from pymysql.err import IntegrityError

from api.changes import next_change
from api.emergency import store
from api.emergency.schema import (
    EXAMPLE,
    EmergencyNumberAdded,
    EmergencyNumberList,
    EmergencyNumberRemoved,
    NewEmergencyNumber,
)
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services

emergency_numbers = Resource("emergency-numbers", "/v1/emergency-numbers", "Numbers that pass every limit (O4)")


@emergency_numbers.operation("GET", answer=EmergencyNumberList)
def list_emergency_numbers() -> dict[str, Any]:
    """List emergency numbers"""
    with services().database.transaction() as cursor:
        return {"items": store.read_all(cursor)}


@emergency_numbers.operation(
    "POST", body=NewEmergencyNumber, answer=EmergencyNumberAdded, status=201, problems=(409,), example=EXAMPLE
)
def add_emergency_number(wanted: dict[str, Any]) -> dict[str, Any]:
    """Add an emergency number"""
    digits = wanted["digits"]
    try:
        with services().database.transaction() as cursor:
            store.insert(cursor, wanted)
            added = store.read(cursor, digits)
            change = next_change(cursor, "emergency_number", digits)
    except IntegrityError as error:
        detail = f"{digits} is an emergency number already: there is nothing to do."
        raise Refusal(409, "emergency-number-exists", detail) from error
    return added | services().applying.outcome(change)


@emergency_numbers.operation("DELETE", "/<digits>", answer=EmergencyNumberRemoved, problems=(404,))
def remove_emergency_number(digits: str) -> dict[str, Any]:
    """Remove an emergency number"""
    with services().database.transaction() as cursor:
        if not store.delete(cursor, digits):
            raise unknown("emergency number", digits, "GET /v1/emergency-numbers lists them")
        change = next_change(cursor, "emergency_number", digits)
    return {"digits": digits} | services().applying.outcome(change)
