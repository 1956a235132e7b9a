"""Zones over HTTP: what would be rendered, what was stored, whether a name server loads it (rules D1 and D2)."""

from __future__ import annotations

import time
from typing import Any

from pymysql.cursors import DictCursor

from api.dns.records import origin
from api.domains import store, zone_store
from api.domains.checkzone import Checked, CheckerError, check_zone
from api.domains.routes import known, lock
from api.domains.zone_schema import (
    LOADED,
    SUMMARY,
    TEXT,
    ZoneChecked,
    ZoneList,
    ZoneNow,
    ZoneQuery,
    ZoneSchema,
    ZoneStored,
    ZoneSummary,
)
from api.domains.zones import digest_of, next_serial, render_records, render_zone, warnings_of
from api.paging import page, place_of
from api.principal import current
from api.problems import Refusal, unknown
from api.regions.store import read_places
from api.rest import Resource
from api.services import services
from api.work import work

zones = Resource("zones", "/v1/domains", "What name servers load of a domain: rendered, checked, stored in versions")
STORED = SUMMARY | {"text": TEXT}


@zones.operation("GET", "/<domain>/zone", answer=ZoneNow, problems=(404,))
def get_zone(domain: str) -> dict[str, Any]:
    """Render the zone as it would be stored now"""
    with services().database.transaction() as cursor:
        return _rendered(cursor, known(store.read_domain(cursor, domain), domain))


@zones.operation("GET", "/<domain>/zone/check", answer=ZoneChecked, problems=(404, 409))
def check_zone_of_now(domain: str) -> dict[str, Any]:
    """Let named-checkzone look at the zone as it would be stored now"""
    with services().database.transaction() as cursor:
        zone = _rendered(cursor, known(store.read_domain(cursor, domain), domain))
    checked = _checked(zone)
    return {**zone, "passed": checked.passed, "lines": checked.lines}


@zones.operation(
    "POST",
    "/<domain>/zones",
    answer=ZoneStored,
    problems=(404, 412),
    example=STORED | {"stored": True, "checked": LOADED, "warnings": []},
)
def store_zone(domain: str) -> dict[str, Any]:
    """Store the zone of now as a version, if anything differs from the newest one and named-checkzone agrees"""
    with work() as unit:
        zone = _rendered(unit.cursor, lock(unit, domain))
        checked = _store(unit.cursor, zone) if zone["changed"] else []
        newest = zone_store.read_newest(unit.cursor, zone["domain"]) or {}
        if zone["changed"]:
            entry = ZoneSummary().dump(newest)
            unit.record("store", "zone", f"{zone['domain']}/{newest['version']}", after=entry)
        unit.answer(newest | {"stored": zone["changed"], "checked": checked, "warnings": zone["warnings"]})
    return unit.answered()


@zones.operation("GET", "/<domain>/zones", query=ZoneQuery, answer=ZoneList, problems=(404,))
def list_zones(query: dict[str, Any], domain: str) -> dict[str, Any]:
    """List stored versions of the zone"""
    after = place_of(query, zone_store.ORDERS)
    with services().database.transaction() as cursor:
        wanted = {"domain": known(store.read_domain(cursor, domain), domain)["name"]}
        rows = zone_store.read_zones(cursor, wanted, after, query["limit"] + 1)
    return page(rows, query, zone_store.ORDERS)


@zones.operation("GET", "/<domain>/zones/<version>", answer=ZoneSchema, problems=(404,), example=STORED)
def get_zone_version(domain: str, version: str) -> dict[str, Any]:
    """Get a stored version of the zone"""
    with services().database.transaction() as cursor:
        name = known(store.read_domain(cursor, domain), domain)["name"]
        row = zone_store.read_zone(cursor, name, _number(version))
    if row is None:
        raise unknown("version", version, f"GET /v1/domains/{name}/zones lists them")
    return row


def _number(version: str) -> int:
    """0, which no version has, for what is none."""
    return int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0


def _rendered(cursor: DictCursor, domain: dict[str, Any]) -> dict[str, Any]:
    places, newest = read_places(cursor), zone_store.read_newest(cursor, domain["name"])
    digest = digest_of(domain, places)
    changed = newest is None or newest["digest"] != digest
    serial = newest["serial"] if newest else None
    if serial is None or changed:
        serial = next_serial(serial, int(time.time()))
    return {
        "domain": domain["name"],
        "text": render_zone(domain, places, serial),
        "serial": serial,
        "digest": digest,
        "version": newest["version"] if newest else None,
        "changed": changed,
        "records": render_records(domain, places),
        "warnings": warnings_of(places),
    }


def _store(cursor: DictCursor, zone: dict[str, Any]) -> list[str]:
    """What the checker said. Errors: Refusal (409) when it refuses the zone, and then nothing is stored."""
    checked = _checked(zone)
    if not checked.passed:
        raise Refusal(409, "zone-refused", f"named-checkzone refuses the zone: {'; '.join(checked.lines)}.")
    who = current()
    by = {"actor_kind": who.kind, "actor": who.id, "actor_name": who.name}
    zone_store.insert_zone(cursor, zone | by | {"version": (zone["version"] or 0) + 1})
    return list(checked.lines)


def _checked(zone: dict[str, Any]) -> Checked:
    try:
        return check_zone(origin(zone["domain"]), zone["text"])
    except CheckerError as error:
        raise Refusal(409, "zone-unchecked", f"{error}.") from error
