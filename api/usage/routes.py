"""Usage over HTTP: calls and seconds by tenant and day."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, Final

from api.paging import read_day_cursor
from api.principal import own_tenant
from api.rest import Resource
from api.services import services
from api.usage.days import Place, page_of_days, span
from api.usage.schema import UsagePage, UsageQuery
from api.usage.store import read_day

PATIENCE: Final = 2.0
"""Seconds after which a page ends with what it has: a year of many calls takes several."""

usage = Resource("usage", "/v1/usage", "What calls add up to, by tenant, day and direction")


@usage.operation("GET", query=UsageQuery, answer=UsagePage, tenants=True)
def list_usage(query: dict[str, Any]) -> dict[str, Any]:
    """Add up ended calls by tenant, day and direction, newest day first"""
    first, last = span(query.get("since"), query.get("until"), datetime.now(UTC).date())
    place = Place(*read_day_cursor(query["after"])) if query["after"] else Place(last, "")
    tenant = own_tenant() or query.get("tenant")
    deadline = time.monotonic() + PATIENCE
    with services().database.transaction() as cursor:
        return page_of_days(
            lambda day: read_day(cursor, day, tenant),
            first,
            min(place, Place(last, place.last)),
            query["limit"],
            lambda: time.monotonic() > deadline,
        )
