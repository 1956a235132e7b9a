"""Numbers over HTTP (rules T1 to T3)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.credentials.store import lock_named
from api.numbers import store
from api.numbers.schema import (
    EXAMPLE,
    NewNumber,
    NumberChange,
    NumberChanged,
    NumberDeleted,
    NumberPage,
    NumberQuery,
    NumberSchema,
)
from api.paging import page, place_of
from api.principal import may_see, own_tenant, scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants.ownership import moved
from api.work import Work, work

APPLIED = {"change": 41, "pending_regions": []}

numbers = Resource("numbers", "/v1/numbers", "Telephone numbers, whose they are and which PBX they ring")
shown = NumberSchema().dump


@numbers.operation("POST", body=NewNumber, answer=NumberChanged, status=201, example=EXAMPLE | APPLIED)
def create_number(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a number"""
    name = wanted["number"]
    with work() as unit:
        try:
            store.insert_numbers(unit.cursor, [_with_known_users(unit.cursor, wanted)])
        except IntegrityError as error:
            detail = f"There is {name} already: GET /v1/numbers/{name} shows whose it is."
            raise Refusal(409, "number-exists", detail) from error
        number = _read(unit.cursor, name)
        unit.record("create", "number", name, after=shown(number))
        unit.tell("number", name)
        unit.answer(number)
    return unit.answered()


@numbers.operation("GET", query=NumberQuery, answer=NumberPage, tenants=True)
def list_numbers(query: dict[str, Any]) -> dict[str, Any]:
    """List numbers"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        return page(store.read_numbers(cursor, query | scope(), after, query["limit"] + 1), query, store.ORDERS)


@numbers.operation("GET", "/<number>", answer=NumberSchema, problems=(404,), example=EXAMPLE, tenants=True)
def get_number(number: str) -> dict[str, Any]:
    """Get a number"""
    with services().database.transaction() as cursor:
        return _read(cursor, number)


@numbers.operation(
    "PATCH",
    "/<number>",
    body=NumberChange,
    answer=NumberChanged,
    problems=(404, 409),
    example=EXAMPLE | APPLIED,
    tenants=True,
)
def change_number(wanted: dict[str, Any], number: str) -> dict[str, Any]:
    """Route a number, relabel it, or move it to another tenant"""
    with work() as unit:
        before = _lock(unit, number)
        store.update_number(unit.cursor, number, _with_known_users(unit.cursor, wanted))
        after = store.read_number(unit.cursor, number)
        unit.record("change", "number", number, before=shown(before), after=shown(after))
        unit.tell("number", number)
        unit.answer(_read(unit.cursor, number))
    return unit.answered()


@numbers.operation("DELETE", "/<number>", answer=NumberDeleted, problems=(404,))
def delete_number(number: str) -> dict[str, Any]:
    """Delete a number"""
    with work() as unit:
        before = _lock(unit, number)
        store.delete_number(unit.cursor, number)
        unit.record("delete", "number", number, before=shown(before))
        unit.tell("number", number)
        unit.answer({"number": number})
    return unit.answered()


def _with_known_users(cursor: DictCursor, wanted: dict[str, Any]) -> dict[str, Any]:
    wanted = moved(cursor, wanted)
    if wanted.get("credential") is None:
        return wanted
    credential = lock_named(cursor, wanted["credential"])
    if credential is None or not may_see(credential["tenant"]):
        detail = f"credential: there is no credential {wanted['credential']}: GET /v1/credentials lists them."
        raise Refusal(409, "unknown-credential", detail)
    return wanted | {"credential": credential["id"]}


def _read(cursor: DictCursor, number: str) -> dict[str, Any]:
    return _visible(store.read_number(cursor, number, own_tenant()), number)


def _lock(unit: Work, number: str) -> dict[str, Any]:
    found = _visible(store.lock_number(unit.cursor, number), number)
    unit.expect(found)
    return found


def _visible(found: dict[str, Any] | None, number: str) -> dict[str, Any]:
    if found is None or not may_see(found["tenant"]):
        raise unknown("number", number, "GET /v1/numbers lists them, in E.164 with their plus")
    return found
