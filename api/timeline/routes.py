"""A credential's last hours over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pymysql.cursors import DictCursor

from api.principal import own_tenant
from api.problems import unknown
from api.rest import Resource
from api.services import services
from api.timeline.schema import TimelineQuery, TimelineSchema
from api.timeline.store import read_owner, read_refusals, read_regions, read_registrations
from api.timeline.telling import lives, removals
from kemi.agent.ring import Ring

Row = dict[str, Any]
timeline = Resource("timeline", "/v1/credentials", "A credential's last hours: registrations, refusals and removals")


@timeline.operation(
    "GET", "/<credential_id>/timeline", query=TimelineQuery, answer=TimelineSchema, problems=(404,), tenants=True
)
def show_timeline(query: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Show what was accepted, refused and removed of a credential, by region"""
    limits = services().settings.limits
    ring = Ring(limits.interval, limits.granted)
    with services().database.transaction() as cursor:
        owner = read_owner(cursor, credential_id, own_tenant())
        if owner is None:
            hint = "GET /v1/credentials lists them, and ?username= finds one by its username"
            raise unknown("credential", credential_id, hint)
        since = owner["now"] - timedelta(hours=query["hours"])
        wanted = {"username": owner["username"], "since": since, "until": owner["now"]} | _reach(
            ring, since, owner["now"]
        )
        regions = [_region(cursor, ring, wanted | {"region": name}) for name in read_regions(cursor)]
    return {"since": since, "until": owner["now"], **ring._asdict(), "regions": regions}


def _reach(ring: Ring, since: datetime, until: datetime) -> Row:
    """Where what lived at `since` is found, and all later ones."""
    earliest = since - timedelta(seconds=ring.granted)
    return {"earliest": earliest, "slots": ring.between(_epoch_ms(earliest), _epoch_ms(until))}


def _epoch_ms(moment: datetime) -> int:
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)


def _region(cursor: DictCursor, ring: Ring, wanted: Row) -> Row:
    rows = read_registrations(cursor, wanted)
    refusals, left_out = read_refusals(cursor, wanted)
    return {
        "region": wanted["region"],
        "registrations": lives(rows, wanted["since"], timedelta(seconds=ring.granted)),
        "refusals": refusals,
        "refusals_left_out": left_out,
        "removals": removals(rows, wanted["since"], wanted["until"]),
    }
