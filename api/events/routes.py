"""Events over HTTP: why a PBX was refused."""

from __future__ import annotations

from typing import Any

from api.events.schema import EventPage, EventQuery
from api.events.store import ORDERS, read_events
from api.paging import page, place_of
from api.principal import scope
from api.rest import Resource
from api.services import services

events = Resource("events", "/v1/events", "Refusals and what else a PBX owner may ask about, each with its rule")


@events.operation("GET", query=EventQuery, answer=EventPage, tenants=True)
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """List events, newest first"""
    after = place_of(query, ORDERS)
    with services().database.transaction() as cursor:
        return page(read_events(cursor, query | scope(), after, query["limit"] + 1), query, ORDERS)
