"""Traffic over HTTP: what the regions did in the last hour or day."""

from __future__ import annotations

from typing import Any

from api.calls.store import read_region_names
from api.rest import Resource
from api.services import services
from api.traffic.schema import TrafficQuery, TrafficSchema
from api.traffic.steps import PERIODS, span, told
from api.traffic.store import Traffic, read_now, read_refusals, read_traffic

traffic = Resource("traffic", "/v1/traffic", "What regions carry and refuse, step by step")


@traffic.operation("GET", query=TrafficQuery, answer=TrafficSchema)
def get_traffic(query: dict[str, Any]) -> dict[str, Any]:
    """Tell what each region carried and refused in the last hour or day, in steps"""
    with services().database.transaction() as cursor:
        over, regions = span(PERIODS[query["period"]], read_now(cursor)), read_region_names(cursor)
        wanted = over._asdict() | {"regions": regions}
        found = read_traffic(cursor, wanted) if regions else Traffic([], [], [])
        refusals = read_refusals(cursor, wanted) if regions else []
    return {
        "period": query["period"],
        "step": over.step,
        "since": over.since,
        "until": over.until,
        "regions": told(regions, over, found),
        "refusals": refusals,
    }
