"""Regions over HTTP."""

from __future__ import annotations

from typing import Any

from api.principal import own_tenant
from api.regions import store
from api.regions.schema import RegionList
from api.rest import Resource
from api.services import services

regions = Resource("regions", "/v1/regions", "Where PBXs register, and how far each region has come")


@regions.operation("GET", answer=RegionList, tenants=True)
def list_regions() -> dict[str, Any]:
    """List the regions of the settings with their heartbeat and applied change"""
    with services().database.transaction() as cursor:
        rows = store.read_regions(cursor, services().regions)
    return {"items": rows if own_tenant() is None else [_without_totals(row) for row in rows]}


def _without_totals(region: dict[str, Any]) -> dict[str, Any]:
    """For who is bound to a tenant: totals tell of others."""
    return region | dict.fromkeys(store.TOTALS)
