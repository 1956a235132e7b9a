"""Usage over HTTP: calls and seconds by tenant and day."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any

from api.paging import read_day_cursor
from api.principal import own_tenant, scope
from api.rest import Resource
from api.services import services
from api.usage.days import Place, page_of_days, page_of_rows, span
from api.usage.schema import UsagePage, UsageQuery
from api.usage.store import latest_day, read_day, read_tenant

usage = Resource("usage", "/v1/usage", "What calls add up to, by tenant, day and direction")


@usage.operation("GET", query=UsageQuery, answer=UsagePage, tenants=True)
def list_usage(query: dict[str, Any]) -> dict[str, Any]:
    """Add up ended calls by tenant, day and direction, newest day first"""
    first, last = span(query.get("since"), query.get("until"), datetime.now(UTC).date())
    place = Place(*read_day_cursor(query["after"])) if query["after"] else Place(last, "")
    place = min(place, Place(last, place.last))
    with services().database.transaction() as cursor:
        if query.get("tenant") is not None or own_tenant() is not None:
            return page_of_rows(
                read_tenant(cursor, query | scope(), first, place, query["limit"]), place, query["limit"]
            )
        return page_of_days(partial(latest_day, cursor), partial(read_day, cursor), first, place, query["limit"])
