"""Numbers over HTTP (rules T1 to T3)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.changes import next_change
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
from api.paging import page, read_text_cursor
from api.problems import Refusal, unknown, wrong_field
from api.rest import Resource
from api.services import services
from api.tenants.store import known_tenant

APPLIED = {"change": 41, "pending_regions": []}

numbers = Resource("numbers", "/v1/numbers", "Telephone numbers, whose they are and which PBX they ring")


@numbers.operation("POST", body=NewNumber, answer=NumberChanged, status=201, problems=(409,), example=EXAMPLE | APPLIED)
def create_number(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a number"""
    name = wanted["number"]
    try:
        with services().database.transaction() as cursor:
            store.insert_numbers(cursor, [_with_known_users(cursor, wanted)])
            number = _read(cursor, name)
            change = next_change(cursor, "number", name)
    except IntegrityError as error:
        detail = f"There is {name} already: GET /v1/numbers/{name} shows whose it is."
        raise Refusal(409, "number-exists", detail) from error
    return number | services().applying.outcome(change)


@numbers.operation("GET", query=NumberQuery, answer=NumberPage)
def list_numbers(query: dict[str, Any]) -> dict[str, Any]:
    """List numbers"""
    after = read_text_cursor(query["after"]) if query["after"] else ""
    with services().database.transaction() as cursor:
        return page(store.read_numbers(cursor, query, after, query["limit"] + 1), query["limit"], "number")


@numbers.operation("GET", "/<number>", answer=NumberSchema, problems=(404,), example=EXAMPLE)
def get_number(number: str) -> dict[str, Any]:
    """Get a number"""
    with services().database.transaction() as cursor:
        return _read(cursor, number)


@numbers.operation(
    "PATCH", "/<number>", body=NumberChange, answer=NumberChanged, problems=(404,), example=EXAMPLE | APPLIED
)
def change_number(wanted: dict[str, Any], number: str) -> dict[str, Any]:
    """Route a number, relabel it, or move it to another tenant"""
    with services().database.transaction() as cursor:
        _lock(cursor, number)
        store.update_number(cursor, number, _with_known_users(cursor, wanted))
        changed = _read(cursor, number)
        change = next_change(cursor, "number", number)
    return changed | services().applying.outcome(change)


@numbers.operation("DELETE", "/<number>", answer=NumberDeleted, problems=(404,))
def delete_number(number: str) -> dict[str, Any]:
    """Delete a number"""
    with services().database.transaction() as cursor:
        _lock(cursor, number)
        store.delete_number(cursor, number)
        change = next_change(cursor, "number", number)
    return {"number": number} | services().applying.outcome(change)


def _with_known_users(cursor: DictCursor, wanted: dict[str, Any]) -> dict[str, Any]:
    wanted = known_tenant(cursor, wanted)
    if wanted.get("credential") is None:
        return wanted
    credential = lock_named(cursor, wanted["credential"])
    if credential is None:
        hint = "GET /v1/credentials lists them"
        raise wrong_field("credential", f"there is no credential {wanted['credential']}: {hint}")
    return wanted | {"credential": credential}


def _read(cursor: DictCursor, number: str) -> dict[str, Any]:
    found = store.read_number(cursor, number)
    if found is None:
        raise _unknown(number)
    return found


def _lock(cursor: DictCursor, number: str) -> None:
    if not store.lock_number(cursor, number):
        raise _unknown(number)


def _unknown(number: str) -> Refusal:
    return unknown("number", number, "GET /v1/numbers lists them, in E.164 with their plus")
