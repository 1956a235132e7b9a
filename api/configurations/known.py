"""What a request names, and what becomes of it when there is no such thing."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.configurations import application_store, store
from api.problems import Refusal, unknown

Row = dict[str, Any]


def known_region(region: Row | None, name: str) -> Row:
    """Errors: Refusal (404)."""
    if region is None:
        raise unknown("region", name, "GET /v1/regions lists them")
    return region


def known_version(cursor: DictCursor, region: str, version: int) -> Row:
    """A version with its files. Errors: Refusal (409)."""
    found = store.read_configuration(cursor, region, version)
    if found is None:
        detail = f"Region {region} has no version {version}: GET /v1/regions/{region}/configurations lists them."
        raise Refusal(409, "unknown-version", detail)
    return found


def version_before(cursor: DictCursor, region: Row) -> int:
    """The version that a rollback brings back. Errors: Refusal (409)."""
    before = application_store.version_before(cursor, region["name"], region["in_force"])
    if before is None:
        detail = f"Nothing was in force in region {region['name']} before what it runs: name a version."
        raise Refusal(409, "nothing-before", detail)
    return before


def number(text: str) -> int:
    """That of a path; 0, which nothing has, for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
