"""Core gateways: where each region's calls go, and who may call in."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read, save
from api.portal.forms import Form, query
from api.portal.pages.applied import told
from api.portal.showing import done, show

Row = dict[str, Any]
STATES: Final = {
    "answers": "ok",
    "does not answer": "bad",
    "not known yet": "info",
    "switched off": "off",
}
"""What a core can be, and how that looks."""

cores: Final = Blueprint("cores", __name__, url_prefix="/cores")


@cores.get("/")
def index() -> ResponseReturnValue:
    """All of them by region, with their states."""
    regions, found = ask("GET", "regions")["items"], ask("GET", "cores")["items"]
    groups = [(region, _with_states(region, found)) for region in regions]
    return show("cores/index.html", "list", groups=groups, states=STATES)


@cores.get("/new")
def new() -> ResponseReturnValue:
    """The form for another one."""
    return _new(Form(port="5060", enabled="yes", **query("region")))


@cores.post("")
def create() -> ResponseReturnValue:
    """Add one."""
    form = Form.sent("region", "address", "port", "label", "enabled")
    body = form.filled("region", "address") | form.or_none("label") | {"enabled": form.checked("enabled")}
    try:
        made = ask("POST", "cores", body=body | _port(form), key=form.key)
    except RefusedError as error:
        return _new(form.refused(error), error.status)
    return done(told(f"Core gateway {place(made)} was added to {made['region']}.", made), ".index")


@cores.get("/<core_id>/edit")
def edit(core_id: str) -> ResponseReturnValue:
    """The form for its label."""
    core, tag = read("cores", core_id)
    return show("cores/edit.html", core=core, place=place(core), form=Form(tag, label=core["label"]))


@cores.post("/<core_id>/edit")
def change(core_id: str) -> ResponseReturnValue:
    """Relabel it."""
    form = Form.sent("label")
    try:
        core = save("cores", core_id, body=form.or_none("label"), tag=form.tag)
    except RefusedError as error:
        core = ask("GET", "cores", core_id)
        refused = form.refused(error)
        return show("cores/edit.html", core=core, place=place(core), form=refused, status=error.status)
    return done(told(f"Core gateway {place(core)} was relabelled.", core), ".index")


@cores.get("/<core_id>/switch")
def confirm_switch(core_id: str) -> ResponseReturnValue:
    """What switching it on or off does."""
    return _confirm("cores/switch.html", core_id)


@cores.post("/<core_id>/switch")
def switch(core_id: str) -> ResponseReturnValue:
    """Send it calls, or none any more: as the form says, which a person may have looked at for a while."""
    enabled = Form.sent("enabled").checked("enabled")
    core = ask("PATCH", "cores", core_id, body={"enabled": enabled})
    now = "gets calls" if enabled else "gets no more calls"
    return done(told(f"Core gateway {place(core)} {now}.", core), ".index")


@cores.get("/<core_id>/remove")
def confirm_remove(core_id: str) -> ResponseReturnValue:
    """What removing it does."""
    return _confirm("cores/remove.html", core_id)


@cores.post("/<core_id>/remove")
def remove(core_id: str) -> ResponseReturnValue:
    """Remove it."""
    core = ask("GET", "cores", core_id)
    answer = ask("DELETE", "cores", core_id)
    return done(told(f"Core gateway {place(core)} was removed from {core['region']}.", answer), ".index")


def place(core: Row) -> str:
    """Its address and port, as regions name it."""
    return f"{core['address']}:{core['port']}"


def state_of(core: Row, dead: list[str] | None) -> str:
    """One of STATES. `dead`: those of its region that do not answer (rule O6); None: nobody knows."""
    if not core["enabled"]:
        return "switched off"
    if dead is None:
        return "not known yet"
    return "does not answer" if place(core) in dead else "answers"


def _with_states(region: Row, cores_of_all: list[Row]) -> list[Row]:
    dead = region["dead_cores"] if region["ready"] else None
    own = [core for core in cores_of_all if core["region"] == region["name"]]
    return [core | {"place": place(core), "state": state_of(core, dead)} for core in own]


def _new(form: Form, status: int = 200) -> ResponseReturnValue:
    regions = [(each["name"], each["label"] or each["name"]) for each in ask("GET", "regions")["items"]]
    return show("cores/new.html", form=form, regions=regions, status=status)


def _port(form: Form) -> Row:
    return {"port": form.whole("port")} if form["port"] else {}


def _confirm(template: str, core_id: str) -> ResponseReturnValue:
    core = ask("GET", "cores", core_id)
    beside = [each for each in ask("GET", "cores", query={"region": core["region"]})["items"] if each["id"] != core_id]
    is_last = core["enabled"] and not any(each["enabled"] for each in beside)
    return show(template, core=core, place=place(core), is_last=is_last, form=Form())
