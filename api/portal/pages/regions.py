"""Regions: the list, one with what it reports, and what an administrator says of it (rules D1 and D2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, abort, g, request
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read, save
from api.portal.forms import Form
from api.portal.health import health_of
from api.portal.showing import done, show

TITLES: Final = {"in-service": "Put {} in service", "draining": "Drain {}", "out": "Take {} out"}
"""Of what takes a region into each of its states."""
LOAD_ZONES: Final = " Now store the domains\u2019 zones and load them into their name servers."
FORCEABLE: Final = ("last-in-service", "region-not-ready", "region-in-use")
MOST_NAMES: Final = 8
regions: Final = Blueprint("regions", __name__, url_prefix="/regions")


@regions.get("/")
def index() -> ResponseReturnValue:
    """The list, by name, which shows itself anew."""
    return show("regions/index.html", "list", rows=[_with_health(row) for row in ask("GET", "regions")["items"]])


@regions.get("/_new")
def new() -> ResponseReturnValue:
    """The form for another one. No region can have this page's name."""
    return show("regions/new.html", form=Form())


@regions.post("")
def create() -> ResponseReturnValue:
    """Add one; it is in no DNS until it is put in service."""
    form = Form.sent("name", "address", "label")
    body = {"name": form["name"], "address": form["address"]} | form.or_none("label")
    try:
        made = ask("POST", "regions", body=body, key=form.key)
    except RefusedError as error:
        return show("regions/new.html", form=form.refused(error), status=error.status)
    return done(f"Region {made['name']} was added: it is out until its host runs.", ".one", name=made["name"])


@regions.get("/<name>")
def one(name: str) -> ResponseReturnValue:
    """A region and what it reports, which shows itself anew."""
    region = _with_health(ask("GET", "regions", name))
    names = [each["registrar"] for each in ask("GET", "domains")["items"]]
    return show(
        "regions/one.html",
        "now",
        region=region,
        under_way=_under_way(name),
        names=names[:MOST_NAMES],
        more_names=len(names[MOST_NAMES:]),
        titles=TITLES,
    )


@regions.get("/<name>/edit")
def edit(name: str) -> ResponseReturnValue:
    """The form for its label and its address."""
    region, tag = read("regions", name)
    return show("regions/edit.html", name=name, form=Form(tag, label=region["label"], address=region["address"]))


@regions.post("/<name>/edit")
def change(name: str) -> ResponseReturnValue:
    """Change them."""
    form = Form.sent("label", "address")
    body = {"address": form["address"]} | form.or_none("label")
    try:
        save("regions", name, body=body, tag=form.tag)
    except RefusedError as error:
        return show("regions/edit.html", name=name, form=form.refused(error), status=error.status)
    return done(f"Region {name} was changed.", ".one", name=name)


@regions.get("/<name>/state")
def choose_state(name: str) -> ResponseReturnValue:
    """What will happen when the region is put in service, drained or taken out."""
    ask("GET", "regions", name)
    return _state_dialog(name, Form(state=request.args.get("to", "")))


@regions.post("/<name>/state")
def set_state(name: str) -> ResponseReturnValue:
    """Let it happen; when PBXs would be hurt, only if that is asked for besides."""
    form = Form.sent("state", "force")
    body = {"state": form["state"], "force": form.checked("force")}
    try:
        changed = ask("PATCH", "regions", name, body=body)
    except RefusedError as error:
        return _state_dialog(name, form.refused(error))
    return done(f"Region {name} is {_said(changed)}{LOAD_ZONES}", ".one", name=name)


@regions.get("/<name>/remove")
def asking_to_remove(name: str) -> ResponseReturnValue:
    """What will happen when it is removed."""
    ask("GET", "regions", name)
    return show("regions/remove.html", name=name, form=Form(), uses=[])


@regions.post("/<name>/remove")
def remove(name: str) -> ResponseReturnValue:
    """Remove it; what uses it is listed instead (rule T3)."""
    form = Form.sent()
    try:
        ask("DELETE", "regions", name)
    except RefusedError as error:
        uses = error.problem.get("used_by", [])
        return show("regions/remove.html", name=name, form=form.refused(error), uses=uses, status=error.status)
    return done(f"Region {name} was removed.", ".index")


def _state_dialog(name: str, form: Form) -> ResponseReturnValue:
    if form["state"] not in TITLES:
        abort(404)
    problem = form.problem
    return show(
        "regions/state.html",
        name=name,
        title=TITLES[form["state"]].format(name),
        form=form,
        refusal=problem and problem.detail.removeprefix("state: "),
        forceable=problem is not None and problem.kind in FORCEABLE,
        status=problem.status if problem else 200,
    )


def _said(changed: Mapping[str, Any]) -> str:
    """The state, and which regions have not learned of it yet (rule C5)."""
    state = str(changed["state"]).replace("-", " ")
    pending = ", ".join(changed["pending_regions"])
    return f"{state}; not applied yet by {pending}." if pending else f"{state}."


def _with_health(region: Mapping[str, Any]) -> dict[str, Any]:
    return {**region, "health": health_of(region)}


def _under_way(name: str) -> Mapping[str, Any] | None:
    """What the region does with a configuration at the moment; who is bound to a tenant does not learn that."""
    if g.principal.tenant is not None:
        return None
    newest = ask("GET", "regions", name, "applications", query={"limit": 1})["items"]
    return newest[0] if newest and newest[0]["ended_at"] is None else None
