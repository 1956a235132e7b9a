"""Calls: those in progress, records of those that ended, and one call with its ladder diagram."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, download
from api.portal.drawing.ladder import is_live, ladder
from api.portal.drawing.ladder_shapes import draw, since_start
from api.portal.drawing.words import outcome, what_happened
from api.portal.forms import Form, query
from api.portal.listing import find, region_choices
from api.portal.rules import CALL_RULES, choices
from api.portal.showing import done, is_part, show
from api.portal.things import place_of

COMMON: Final = ("region", "direction", "credential", "number", "tenant")
"""Filters of live calls and of records."""
FILTERS: Final = (*COMMON, "caller", "callee", "code", "answered", "rule", "since", "until")
FEW: Final = 10
"""Live calls above the records."""
EVENTS_SEARCHED: Final = 200
STOP_POLLING: Final = 286
"""htmx's status for a part that changes no more."""

calls: Final = Blueprint("calls", __name__, url_prefix="/calls")
calls.add_app_template_global(place_of, "place_of")
calls.add_app_template_filter(outcome, "outcome")


@calls.get("/")
def index() -> ResponseReturnValue:
    """The newest live calls, and the records that a filter finds."""
    wanted = query(*FILTERS)
    found = find("cdrs", query=wanted | query("after"))
    live = None if found.wrong or query("after") else _live(wanted, FEW)
    return show(
        "calls/index.html",
        "found",
        status=found.status,
        answer=found.answer,
        wrong=found.wrong,
        live=live,
        wanted=wanted,
        common=_common(wanted),
        regions=[] if is_part() else region_choices(),
        rules=choices(CALL_RULES),
    )


@calls.get("/live")
def live() -> ResponseReturnValue:
    """All live calls, page by page; `few` for the part of another page."""
    wanted = _common(query(*COMMON))
    answer = _live(wanted, FEW) if query("few") else ask("GET", "calls", query=wanted | query("after") | {"limit": 50})
    return show("calls/live.html", "live", live=answer, common=wanted, few=bool(query("few")))


@calls.get("/records.csv")
def csv() -> Response:
    """All records that the filter finds."""
    return download("cdrs.csv", query=query(*FILTERS))


@calls.get("/<call_id>")
def one(call_id: str) -> ResponseReturnValue:
    """A call, live or ended, with what its region recorded of it."""
    call = _read(call_id)
    drawn = ladder(call, {row["name"]: row["address"] for row in ask("GET", "regions")["items"]})
    ended = not is_live(call)
    return show(
        "calls/one.html",
        "call",
        status=STOP_POLLING if ended and is_part() else 200,
        call=call,
        ended=ended,
        told=what_happened(call),
        event=_event(call) if ended else None,
        ladder=drawn,
        drawing=draw(drawn),
        since_start=since_start,
    )


@calls.get("/<call_id>/hang-up")
def hang_up(call_id: str) -> ResponseReturnValue:
    """Ask before a call is ended."""
    return show("calls/hang_up.html", form=Form(), call=ask("GET", "calls", call_id))


@calls.post("/<call_id>/hang-up")
def end(call_id: str) -> ResponseReturnValue:
    """End it."""
    form = Form.sent()
    try:
        ended = ask("DELETE", "calls", call_id)
    except RefusedError as error:
        return show("calls/hang_up.html", form=form.refused(error), call=None, status=error.status)
    late = "; its region has not heard of it yet" if ended["pending_regions"] else ""
    return done(f"The call is being ended{late}.", "portal.calls.one", call_id=call_id)


def _common(wanted: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wanted.items() if name in COMMON}


def _live(wanted: dict[str, str], limit: int) -> Any:
    return ask("GET", "calls", query=_common(wanted) | {"limit": limit})


def _read(call_id: str) -> dict[str, Any]:
    try:
        live: dict[str, Any] = ask("GET", "calls", call_id)
    except RefusedError as error:
        if error.status != 404:
            raise
        record: dict[str, Any] = ask("GET", "cdrs", call_id)
        return record
    return live


def _event(call: dict[str, Any]) -> dict[str, Any] | None:
    """What a PBX owner was told of its refusal, if that is among the latest of its credential and rule."""
    if not (call["rule"] and call["credential"] and call["call_id"]):
        return None
    wanted = {name: call[name] for name in ("credential", "rule", "region")}
    events = ask("GET", "events", query=wanted | {"limit": EVENTS_SEARCHED})["items"]
    return next((event for event in events if event["call_id"] == call["call_id"]), None)
