"""Tenants: the list, making, changing and deleting one (rules T1 and T3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, url_for
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, download, read, save
from api.portal.forms import Form, query
from api.portal.showing import done, show

tenants: Final = Blueprint("tenants", __name__, url_prefix="/tenants")
"""An underscore begins what cannot be an account ID (rule T1)."""
IN_USE: Final = "tenant-in-use"
KINDS: Final = {"user": "User", "key": "API key", "credential": "SIP credential", "number": "Phone number"}


@tenants.get("/")
def index() -> ResponseReturnValue:
    """The list, by account ID; who is bound to a tenant has one only."""
    if g.principal.tenant is not None:
        return redirect(url_for(".one", account_id=g.principal.tenant), 303)
    wanted = query("after", "q")
    text = wanted.pop("q", None)
    answer = ask("GET", "tenants", query=wanted | {"search": text, "limit": 50})
    return show("tenants/index.html", "list", answer=answer)


@tenants.get("/_all.csv")
def export() -> Response:
    """All of them, for a spreadsheet."""
    return download("tenants.csv")


@tenants.get("/_new")
def new() -> ResponseReturnValue:
    """The form for another one."""
    return show("tenants/new.html", form=Form())


@tenants.post("")
def create() -> ResponseReturnValue:
    """Make one."""
    form = Form.sent("account_id", "name", "contact")
    body = {"account_id": form["account_id"], "name": form["name"], **form.or_none("contact")}
    try:
        made = ask("POST", "tenants", body=body, key=form.key)
    except RefusedError as error:
        return show("tenants/new.html", form=form.refused(error), status=error.status)
    return done(f"Tenant {made['account_id']} created.", ".one", account_id=made["account_id"])


@tenants.get("/<account_id>/edit")
def edit(account_id: str) -> ResponseReturnValue:
    """The form with its name and contact; the account ID stays."""
    tenant, tag = read("tenants", account_id)
    return _edit(tenant["account_id"], Form(tag, name=tenant["name"], contact=tenant["contact"]))


@tenants.post("/<account_id>/edit")
def change(account_id: str) -> ResponseReturnValue:
    """Write them."""
    form = Form.sent("name", "contact")
    try:
        body = {"name": form["name"], **form.or_none("contact")}
        save("tenants", account_id, body=body, tag=form.tag)
    except RefusedError as error:
        return _edit(account_id, form.refused(error), error.status)
    return done("Saved.", ".one", account_id=account_id)


@tenants.get("/<account_id>/delete")
def asking_to_delete(account_id: str) -> ResponseReturnValue:
    """Ask first."""
    return _delete(ask("GET", "tenants", account_id), Form())


@tenants.post("/<account_id>/delete")
def delete(account_id: str) -> ResponseReturnValue:
    """Delete it, unless something uses it: then that is listed, with where to find it (rule T3)."""
    try:
        ask("DELETE", "tenants", account_id)
    except RefusedError as error:
        if error.kind != IN_USE:
            return _delete(ask("GET", "tenants", account_id), Form().refused(error), error.status)
        uses, count = error.problem["used_by"], error.problem["used_by_count"]
        return show("tenants/in_use.html", account_id=account_id, uses=_linked(uses), count=count, status=409)
    return done(f"Tenant {account_id} deleted.", ".index")


def _edit(account_id: str, form: Form, status: int = 200) -> ResponseReturnValue:
    return show("tenants/edit.html", account_id=account_id, form=form, status=status)


def _delete(tenant: Mapping[str, Any], form: Form, status: int = 200) -> ResponseReturnValue:
    return show("tenants/delete.html", tenant=tenant, form=form, status=status)


def _linked(uses: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Each thing that names the tenant: what it is, what people call it, and where it is."""
    return [{"kind": KINDS[each["type"]], "name": _name(each), "url": _url(each)} for each in uses]


def _name(use: Mapping[str, Any]) -> str:
    named = use.get("number") or use.get("username") or use.get("prefix") or use.get("name")
    return f"{named} ({use['label']})" if use.get("label") else str(named)


def _url(use: Mapping[str, Any]) -> str:
    match use["type"]:
        case "credential":
            return url_for("portal.credential.one", credential_id=use["id"])
        case "number":
            return url_for("portal.numbers.index", prefix=use["number"])
        case "user":
            return url_for("portal.users.index")
        case _:
            return url_for("portal.keys.index")
