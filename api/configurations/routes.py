"""Configurations of regions over HTTP: what would be rendered, what is stored, what differs (rule F3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.configurations import store
from api.configurations.differing import Files, differences
from api.configurations.known import known_region, known_version, number, version_before
from api.configurations.rendering import core_set, rendered, stored
from api.configurations.schema import (
    EXAMPLE,
    FILES,
    ConfigurationPage,
    ConfigurationQuery,
    ConfigurationSchema,
    ConfigurationStored,
    DiffQuery,
    DiffSchema,
    RenderingSchema,
)
from api.paging import page, place_of
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.work import work
from kemi.configuration import digest

Row = dict[str, Any]
NOW: Final = "rendered now"
NOTHING: Final = "nothing"

configurations = Resource("configurations", "/v1/regions/<name>", "What a region's gateway runs, by version")


@configurations.operation("GET", "/rendering", answer=RenderingSchema, problems=(404, 409))
def get_rendering(name: str) -> Row:
    """Get what would be rendered for a region now"""
    with services().database.transaction() as cursor:
        region = known_region(store.read_region(cursor, name), name)
        files = rendered(region)
        sum_ = digest(files)
        found = store.find_configuration(cursor, region["name"], sum_)
        return {
            "region": region["name"],
            "digest": sum_,
            "version": found and found["version"],
            "newest": store.newest_version(cursor, region["name"]),
            "version_in_force": region["in_force"],
            "in_force": sum_ == region["digest"],
            "files": files,
            "cores": core_set(cursor, region["name"]),
        }


@configurations.operation(
    "POST",
    "/configurations",
    answer=ConfigurationStored,
    problems=(404,),
    example=EXAMPLE | {"new": True},
    needs=Scope.ADMINISTER,
)
def store_configuration(name: str) -> Row:
    """Render a region's configuration and store it, unless it is stored already"""
    with work() as unit:
        region = known_region(store.lock_region(unit.cursor, name), name)
        configuration, new = stored(unit, region)
        unit.answer(_shown(configuration, region) | {"new": new})
    return unit.answered()


@configurations.operation("GET", "/configurations", query=ConfigurationQuery, answer=ConfigurationPage)
def list_configurations(query: Row, name: str) -> Row:
    """List the versions of a region's configuration, newest first"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        region = known_region(store.read_region(cursor, name), name)
        rows = store.read_configurations(cursor, region["name"], after, query["limit"] + 1)
        return page([_shown(row, region) for row in rows], query, store.ORDERS)


@configurations.operation(
    "GET",
    "/configurations/<version>",
    answer=ConfigurationSchema,
    problems=(404,),
    example=EXAMPLE | {"files": FILES},
)
def get_configuration(name: str, version: str) -> Row:
    """Get a version of a region's configuration, with its files"""
    with services().database.transaction() as cursor:
        region = known_region(store.read_region(cursor, name), name)
        found = store.read_configuration(cursor, region["name"], number(version))
        if found is None:
            raise unknown("configuration", version, f"GET /v1/regions/{region['name']}/configurations lists them")
        return _shown(found, region)


@configurations.operation("GET", "/diff", query=DiffQuery, answer=DiffSchema, problems=(404, 409))
def compare_configurations(query: Row, name: str) -> Row:
    """Compare two versions of a region's configuration, or what it runs with what would be rendered"""
    with services().database.transaction() as cursor:
        region = known_region(store.read_region(cursor, name), name)
        before, old, told = _named(cursor, region, query["before"] or region["in_force"])
        after, new, wanted = _goal(cursor, region, query)
    found = differences(old, new, (told, wanted))
    return {"region": region["name"], "before": before, "after": after, "identical": not found, "files": found}


def _goal(cursor: DictCursor, region: Row, query: Row) -> tuple[int | None, Files, str]:
    """What is compared with: a version, what was in force before, or what would be rendered."""
    if query["after"] and query["back"]:
        raise Refusal(409, "two-goals", "to and back name one version each: send one of them.")
    version = version_before(cursor, region) if query["back"] else query["after"]
    return _named(cursor, region, version) if version else _now(cursor, region)


def _named(cursor: DictCursor, region: Row, version: int | None) -> tuple[int | None, Files, str]:
    """A version with its files and what it is called; without one, nothing."""
    if version is None:
        return None, {}, NOTHING
    return version, known_version(cursor, region["name"], version)["files"], f"version {version}"


def _now(cursor: DictCursor, region: Row) -> tuple[int | None, Files, str]:
    files = rendered(region)
    found = store.find_configuration(cursor, region["name"], digest(files))
    return found["version"] if found else None, files, NOW


def _shown(configuration: Mapping[str, Any], region: Row) -> Row:
    return {**configuration, "in_force": configuration["version"] == region["in_force"]}
