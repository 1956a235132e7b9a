"""Regions over HTTP."""

from __future__ import annotations

from typing import Any

from api.regions import store
from api.regions.schema import RegionList
from api.rest import Resource
from api.services import services

regions = Resource("regions", "/v1/regions", "Where PBXs register, and how far each region has come")


@regions.operation("GET", answer=RegionList)
def list_regions() -> dict[str, Any]:
    """List the regions of the settings with their heartbeat and applied change"""
    with services().database.transaction() as cursor:
        return {"items": store.read_regions(cursor, services().regions)}
