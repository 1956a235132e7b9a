"""A region's configuration: what runs, what would be rendered now, versions, and their differences (rule F3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from api.portal import steps
from api.portal.asking import RefusedError, ask
from api.portal.diffs import read_files
from api.portal.forms import Form, query
from api.portal.showing import done, show

Row = dict[str, Any]
LATEST: Final = 8
"""Applications on the first page; the history has all."""
LOOKED_THROUGH: Final = 100
"""Applications among which the one is looked for that brought what is in force."""
configurations: Final = Blueprint("configurations", __name__, url_prefix="/regions/<name>/configuration")


@configurations.get("/")
def index(name: str) -> ResponseReturnValue:
    """What runs against what would be rendered now, and what is under way; it shows itself anew."""
    region = ask("GET", "regions", name)
    asked = ask("GET", "regions", name, "applications", query={"limit": LOOKED_THROUGH})["items"]
    difference, problem = difference_of(name, {})
    return show(
        "configurations/index.html",
        "now",
        name=name,
        region=region,
        brought=steps.since(asked, region["configuration"]),
        latest=[steps.with_steps(each) for each in asked[:LATEST]],
        under_way=steps.with_steps(asked[0]) if asked and asked[0]["ended_at"] is None else None,
        difference=difference,
        problem=problem,
        form=Form(),
    )


@configurations.get("/versions")
def versions(name: str) -> ResponseReturnValue:
    """All versions, newest first."""
    answer = ask("GET", "regions", name, "configurations", query=query("after") | {"limit": 50})
    return show("configurations/versions.html", name=name, answer=answer, form=Form())


@configurations.post("/versions")
def store(name: str) -> ResponseReturnValue:
    """Store what would be rendered now, without applying it."""
    made = ask("POST", "regions", name, "configurations", key=Form.sent().key)
    said = "was stored" if made["new"] else "has just this already: nothing was stored"
    return done(f"Version {made['version']} of region {name} {said}.", ".versions", name=name)


@configurations.get("/versions/<version>")
def version(name: str, version: str) -> ResponseReturnValue:
    """One version's files."""
    found = ask("GET", "regions", name, "configurations", version)
    return show("configurations/version.html", name=name, version=found)


@configurations.get("/compare")
def compare(name: str) -> ResponseReturnValue:
    """Any two versions; of one that is not named, what runs and what would be rendered now."""
    form = Form(**{"from": request.args.get("from", ""), "to": request.args.get("to", "")})
    difference, problem = difference_of(name, query("from", "to"))
    return show(
        "configurations/compare.html",
        name=name,
        form=form.refused(problem) if problem else form,
        difference=difference,
        status=problem.status if problem else 200,
    )


def difference_of(name: str, wanted: Mapping[str, Any]) -> tuple[Row | None, RefusedError | None]:
    """The difference that `wanted` (from, to, back) asks for, ready to be shown; or why there is none.

    Errors: RefusedError (404) for an unknown region, and for who may not read it.
    """
    try:
        found = ask("GET", "regions", name, "diff", query=wanted)
    except RefusedError as error:
        if error.status not in (409, 422):
            raise
        return None, error
    return found | {"files": read_files(found["files"])}, None
