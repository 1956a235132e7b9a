"""Checking and applying a region's configuration, going back, and what came of it (rule F3)."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.forms import Form, query
from api.portal.pages.configurations import difference_of
from api.portal.showing import done, is_part, show
from api.portal.steps import with_steps

TITLES: Final = {"apply": "Apply a configuration to {}", "rollback": "Roll {} back"}
"""Of what is asked about first, by action."""
STOP_ASKING: Final = 286
"""The status by which htmx asks no more."""
CHANGED: Final = {"detail": "What would be rendered has changed since you looked: this is the difference now."}
"""A problem as the API's are."""
applications: Final = Blueprint("applications", __name__, url_prefix="/regions/<name>/applications")


@applications.get("/")
def index(name: str) -> ResponseReturnValue:
    """The history, newest first, which shows itself anew."""
    answer = ask("GET", "regions", name, "applications", query=query("after") | {"limit": 50})
    rows = [with_steps(each) for each in answer["items"]]
    return show("configurations/history.html", "list", name=name, answer=answer, rows=rows)


@applications.get("/<application_id>")
def one(name: str, application_id: str) -> ResponseReturnValue:
    """How far the region has come with it; it shows itself anew until it has ended."""
    row = ask("GET", "regions", name, "applications", application_id)
    ended = row["ended_at"] is not None
    return show(
        "configurations/application.html",
        "progress",
        name=name,
        row=with_steps(row),
        ended=ended,
        form=Form(),
        status=STOP_ASKING if ended and is_part() else 200,
    )


@applications.get("/new")
def new(name: str) -> ResponseReturnValue:
    """What would come into force, before it is asked for."""
    return _dialog(name, Form(action=request.args.get("action", ""), version=request.args.get("version", "")))


@applications.post("/")
def create(name: str) -> ResponseReturnValue:
    """Ask the region for it. What is applied is what was shown: the version, or what had that digest."""
    form = Form.sent("action", "version", "digest")
    try:
        version = form.whole("version") or _stored(name, form["digest"])
        body = {"action": form["action"], "version": version}
        asked = ask("POST", "regions", name, "applications", body=body, key=form.key)
    except RefusedError as error:
        if form["action"] == "check":
            raise
        return _dialog(name, form.refused(error))
    return done(f"Region {name} was asked to {_doing(asked)}.", ".one", name=name, application_id=asked["id"])


@applications.post("/<application_id>/withdraw")
def withdraw(name: str, application_id: str) -> ResponseReturnValue:
    """Withdraw it while it waits."""
    ask("DELETE", "regions", name, "applications", application_id)
    return done("It was withdrawn.", ".one", name=name, application_id=application_id)


def _dialog(name: str, form: Form) -> ResponseReturnValue:
    action = form["action"]
    if action not in TITLES:
        abort(404)
    difference, problem = difference_of(name, _goal(form))
    if difference:
        form.values |= {"version": difference["to"] or "", "digest": _digest(name, difference["to"])}
    status = form.problem.status if form.problem else 200
    problem = form.problem or problem
    return show(
        "configurations/new.html",
        name=name,
        title=TITLES[action].format(name),
        form=form.refused(problem) if problem else form,
        difference=difference,
        status=status,
    )


def _goal(form: Form) -> dict[str, Any]:
    """What the diff is asked for."""
    if form["version"]:
        return {"to": form["version"]}
    return {"back": True} if form["action"] == "rollback" else {}


def _digest(name: str, version: int | None) -> str:
    """Of what would be rendered now, when no version has it."""
    return "" if version else str(ask("GET", "regions", name, "rendering")["digest"])


def _stored(name: str, shown: str) -> int | None:
    """The version of what would be rendered now; None unless a person has seen it. Errors: RefusedError (409) when that
    is not what was `shown`, by its digest.
    """
    if not shown:
        return None
    stored = ask("POST", "regions", name, "configurations")
    if stored["digest"] != shown:
        raise RefusedError(409, CHANGED)
    return int(stored["version"])


def _doing(application: dict[str, Any]) -> str:
    action, version = application["action"], application["version"]
    return f"go back to version {version}" if action == "rollback" else f"{action} version {version}"
