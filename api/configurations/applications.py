"""Applications of configurations over HTTP. The API asks, the region's agent does it and reports (rule F3)."""

from __future__ import annotations

from typing import Any

from api.configurations import application_store as store
from api.configurations.application_schema import (
    EXAMPLE,
    ApplicationPage,
    ApplicationQuery,
    ApplicationSchema,
    NewApplication,
)
from api.configurations.known import known_region, known_version, number, version_before
from api.configurations.rendering import author, stored
from api.configurations.store import lock_region, read_region
from api.paging import page, place_of
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.work import Work, work

Row = dict[str, Any]

applications = Resource(
    "applications", "/v1/regions/<name>/applications", "Checking and applying configurations, and taking them back"
)
shown = ApplicationSchema().dump


@applications.operation(
    "POST",
    body=NewApplication,
    answer=ApplicationSchema,
    status=201,
    problems=(404,),
    example=EXAMPLE,
    needs=Scope.ADMINISTER,
)
def apply_configuration(wanted: Row, name: str) -> Row:
    """Ask a region to check or apply a configuration, or to go back"""
    with work() as unit:
        region = known_region(lock_region(unit.cursor, name), name)
        _refuse_second(unit, region["name"])
        asked = {"region": region["name"], "action": wanted["action"], "version": _version(unit, region, wanted)}
        number_ = store.insert_application(unit.cursor, asked | author() | {"previous": region["in_force"]})
        row = _known(store.read_application(unit.cursor, region["name"], number_), region["name"], str(number_))
        unit.record(wanted["action"], "application", str(number_), after=shown(row))
        unit.answer(row)
    return unit.answered()


@applications.operation("GET", query=ApplicationQuery, answer=ApplicationPage)
def list_applications(query: Row, name: str) -> Row:
    """List what a region was asked to do with configurations, newest first"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        region = known_region(read_region(cursor, name), name)
        rows = store.read_applications(cursor, region["name"], after, query["limit"] + 1)
        return page(rows, query, store.ORDERS)


@applications.operation("GET", "/<application_id>", answer=ApplicationSchema, problems=(404,), example=EXAMPLE)
def get_application(name: str, application_id: str) -> Row:
    """Get what became of an application"""
    with services().database.transaction() as cursor:
        region = known_region(read_region(cursor, name), name)
        found = store.read_application(cursor, region["name"], number(application_id))
        return _known(found, region["name"], application_id)


@applications.operation(
    "DELETE",
    "/<application_id>",
    answer=ApplicationSchema,
    problems=(404, 409),
    example=EXAMPLE | {"state": "withdrawn", "ended_at": "2026-01-31T12:00:05.000Z"},
    needs=Scope.ADMINISTER,
)
def withdraw_application(name: str, application_id: str) -> Row:
    """Withdraw an application that its region has not begun"""
    with work() as unit:
        region = known_region(read_region(unit.cursor, name), name)
        before = store.lock_application(unit.cursor, region["name"], number(application_id))
        before = _known(before, region["name"], application_id)
        unit.expect(before)
        if not store.withdraw_application(unit.cursor, before["id"]):
            detail = f"Application {before['id']} is {before['state']}: only what waits can be withdrawn."
            raise Refusal(409, "not-waiting", detail)
        after = store.read_application(unit.cursor, region["name"], before["id"]) or before
        unit.record("withdraw", "application", str(before["id"]), before=shown(before), after=shown(after))
        unit.answer(after)
    return unit.answered()


def _refuse_second(unit: Work, region: str) -> None:
    found = store.find_under_way(unit.cursor, region)
    if found:
        detail = (
            f"Application {found['id']} ({found['action']}) of region {region} is {found['state']}: wait for its end, "
            f"or withdraw it while it waits (DELETE /v1/regions/{region}/applications/{found['id']})."
        )
        raise Refusal(409, "under-way", detail)


def _version(unit: Work, region: Row, wanted: Row) -> int:
    """The version that is asked for, or the one that the action takes by itself."""
    if wanted["version"]:
        return int(known_version(unit.cursor, region["name"], wanted["version"])["version"])
    if wanted["action"] != "rollback":
        return int(stored(unit, region)[0]["version"])
    return version_before(unit.cursor, region)


def _known(application: Row | None, region: str, application_id: str) -> Row:
    if application is None:
        raise unknown("application", application_id, f"GET /v1/regions/{region}/applications lists them")
    return application
