"""Events: why PBXs were refused, in sentences."""

from __future__ import annotations

from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.portal.forms import query
from api.portal.listing import find, region_choices
from api.portal.rules import EVENT_RULES, choices, phrase
from api.portal.showing import is_part, show

FILTERS: Final = ("credential", "region", "rule", "address")

events: Final = Blueprint("events", __name__, url_prefix="/events")
events.add_app_template_filter(phrase, "phrase")


@events.get("/")
def index() -> ResponseReturnValue:
    """The list, newest first, which shows itself anew."""
    wanted = query(*FILTERS)
    found = find("events", query=wanted | query("after"))
    return show(
        "events/index.html",
        "list",
        status=found.status,
        answer=found.answer,
        wrong=found.wrong,
        wanted=wanted,
        regions=[] if is_part() else region_choices(),
        rules=choices(EVENT_RULES),
    )
