"""Usage over HTTP: calls and seconds by tenant and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from flask import Response

from api.csv_files import MEDIA_TYPE, Row, csv_answer, pages_behind
from api.database import Database
from api.paging import read_day_cursor
from api.principal import own_tenant, scope
from api.rest import Resource
from api.services import services
from api.usage.days import Place, name_of, page_of_days, page_of_rows, span
from api.usage.schema import COLUMNS, EXAMPLE, UsageFilter, UsagePage, UsageQuery, UsageSchema
from api.usage.store import latest_day, read_day, read_tenant

usage = Resource("usage", "/v1/usage", "What calls add up to, by tenant, day and direction")
usage_csv = Resource("usage_csv", "/v1/usage.csv", "Usage for spreadsheets and invoices")


@usage.operation("GET", query=UsageQuery, answer=UsagePage, tenants=True)
def list_usage(query: dict[str, Any]) -> dict[str, Any]:
    """Add up ended calls by tenant, day and direction, newest day first"""
    first, last = _span(query)
    place = Place(*read_day_cursor(query["after"])) if query["after"] else Place(last, "")
    return _page(services().database, _wanted(query), first, min(place, Place(last, place.last)), query["limit"])


@usage_csv.operation("GET", query=UsageFilter, file=MEDIA_TYPE, example=EXAMPLE, tenants=True)
def export_usage(query: dict[str, Any]) -> Response:
    """Get the same as a CSV file with a header: all days that are asked for"""
    first, last = _span(query)
    database, wanted = services().database, _wanted(query)

    def read(row: Row | None, limit: int) -> list[dict[str, Any]]:
        place = Place(row["day"], name_of(row)) if row else Place(last, "")
        found: list[dict[str, Any]] = _page(database, wanted, first, place, limit)["items"]
        return found

    return csv_answer("usage", UsageSchema, COLUMNS, pages_behind(read))


def _span(query: Mapping[str, Any]) -> tuple[date, date]:
    return span(query.get("since"), query.get("until"), datetime.now(UTC).date())


def _wanted(query: Mapping[str, Any]) -> dict[str, Any] | None:
    """Which tenant, by filter and by who asks; None for all."""
    return {**query, **scope()} if query.get("tenant") is not None or own_tenant() is not None else None


def _page(
    database: Database, wanted: Mapping[str, Any] | None, first: date, place: Place, limit: int
) -> dict[str, Any]:
    with database.transaction() as cursor:
        if wanted is not None:
            return page_of_rows(read_tenant(cursor, wanted, first, place, limit), place, limit)
        return page_of_days(partial(latest_day, cursor), partial(read_day, cursor), first, place, limit)
