"""Overview: what the regions do now and did in the last hour or day, and what needs attention."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from api.portal.asking import ask
from api.portal.attention import behind_by, findings
from api.portal.causes import in_words
from api.portal.charts import by_cause, traffic_charts
from api.portal.health import health_of
from api.portal.showing import read_moment, show

overview: Final = Blueprint("overview", __name__, url_prefix="/overview")
PERIODS: Final = ("hour", "day")
MOST: Final = 100
"""Blocks and credentials that are counted; more are "100+"."""
MOST_CAUSES: Final = 5

Row = Mapping[str, Any]


@overview.get("/")
def index() -> ResponseReturnValue:
    """All of it; both halves show themselves anew."""
    return show("overview/index.html", **_now(), **_traffic())


@overview.get("/now")
def now() -> ResponseReturnValue:
    """The half that shows the moment."""
    return show("overview/now.html", **_now())


@overview.get("/traffic")
def traffic() -> ResponseReturnValue:
    """The half with the charts."""
    return show("overview/traffic.html", **_traffic())


def _traffic() -> dict[str, Any]:
    period = request.args.get("period", "")
    period = period if period in PERIODS else PERIODS[0]
    return {"period": period, "charts": traffic_charts(ask("GET", "traffic", query={"period": period}))}


def _now() -> dict[str, Any]:
    refusals = ask("GET", "traffic", query={"period": "hour"})["refusals"]
    served = {core["region"] for core in ask("GET", "cores")["items"] if core["enabled"]}
    regions = [_with_more(row, refusals, served) for row in ask("GET", "regions")["items"]]
    blocks = ask("GET", "blocks", query={"limit": MOST})
    in_grace = ask("GET", "credentials", query={"grace": True, "limit": MOST})["items"]
    count = f"{len(blocks['items'])}{'+' if blocks['next'] else ''}"
    warned = sum(bool(row["warnings"]) for row in in_grace)
    return {
        "regions": regions,
        "totals": _totals(regions),
        "blocks": count,
        "refused": sum(row["count"] for row in refusals),
        "findings": findings(regions, "" if count == "0" else count, warned),
    }


def _totals(regions: Iterable[Row]) -> dict[str, float]:
    names = ("bindings", "calls", "channels", "calls_per_second")
    return {name: round(sum(row[name] or 0 for row in regions), 1) for name in names}


def _with_more(region: Row, refusals: Iterable[Row], served: Container[str]) -> dict[str, Any]:
    own = by_cause(row for row in refusals if row["region"] == region["name"])[:MOST_CAUSES]
    return {
        **region,
        "health": health_of(region),
        "behind": behind_by(region),
        "has_core": region["name"] in served,
        "lag": _lag(region["heartbeat_at"]),
        "refusals": [(in_words(*cause), counts.total()) for cause, counts in own],
    }


def _lag(heartbeat: str | None) -> float | None:
    """Seconds since the region's agent wrote into MariaDB."""
    if heartbeat is None:
        return None
    return max(0.0, (datetime.now(UTC) - read_moment(heartbeat)).total_seconds())
