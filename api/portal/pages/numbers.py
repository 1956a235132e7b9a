"""Phone numbers: whose they are, and which PBX each rings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, download, read
from api.portal.forms import Form, before, query
from api.portal.pages.applied import told
from api.portal.showing import done, show

FILTERS: Final = ("prefix", "tenant", "credential", "routed")
CHANGEABLE: Final = ("label", "tenant", "credential")
WRITTEN: Final = re.compile(r"[\s().\-/]")
"""What people put between digits."""
NAMES: Final = re.compile(r"[!-~]{1,64}")
"""What can be a username."""
MOST_SUGGESTED: Final = 8
Row = dict[str, Any]

numbers: Final = Blueprint("numbers", __name__, url_prefix="/numbers")


@numbers.get("/")
def index() -> ResponseReturnValue:
    """The list in the order of numbers, which shows itself anew."""
    wanted = _wanted()
    try:
        answer = ask("GET", "numbers", query=wanted | query("after") | {"limit": 50})
    except RefusedError as error:
        if error.status != 422:
            raise
        return show("numbers/index.html", "list", answer=None, wrong=error.detail, status=422)
    routes = routes_of(answer["items"])
    return show("numbers/index.html", "list", answer=answer, routes=routes, wanted=wanted)


@numbers.get("/numbers.csv")
def export() -> Response:
    """All that the filters find, as a file."""
    return download("numbers.csv", query=_wanted())


@numbers.get("/new")
def new() -> ResponseReturnValue:
    """The form for another one."""
    return show("numbers/new.html", form=Form(**query("tenant", "credential")))


@numbers.post("")
def create() -> ResponseReturnValue:
    """Make one."""
    form = Form.sent("number", *CHANGEABLE)
    body = {"number": digits(form["number"])} | form.or_none(*CHANGEABLE)
    try:
        made = ask("POST", "numbers", body=body, key=form.key)
    except RefusedError as error:
        return show("numbers/new.html", form=form.refused(error), status=error.status)
    return done(told(f"{made['number']} was created.", made), ".index", prefix=made["number"])


@numbers.get("/<number>/edit")
def edit(number: str) -> ResponseReturnValue:
    """The form for its label, tenant and route."""
    shown = _editable(ask("GET", "numbers", number))
    return show("numbers/edit.html", number=number, form=Form(**shown, **before(shown)))


@numbers.post("/<number>/edit")
def change(number: str) -> ResponseReturnValue:
    """Change what was typed anew. The rest is left alone: also a route that a tenant's people do not see."""
    form = Form.sent(*CHANGEABLE, *before(dict.fromkeys(CHANGEABLE)))
    try:
        now, tag = read("numbers", number)
        changed = {name: value or None for name, value in form.typed_anew(_editable(now)).items()}
        if not changed:
            return done(f"Nothing was changed of {number}.", ".index", prefix=number)
        answer = ask("PATCH", "numbers", number, body=changed, tag=tag)
    except RefusedError as error:
        return show("numbers/edit.html", number=number, form=form.refused(error), status=error.status)
    return done(told(f"{number} was changed.", answer), ".index", prefix=number)


@numbers.get("/<number>/delete")
def confirm_delete(number: str) -> ResponseReturnValue:
    """What deleting it does."""
    return show("numbers/delete.html", row=ask("GET", "numbers", number), form=Form())


@numbers.post("/<number>/delete")
def delete(number: str) -> ResponseReturnValue:
    """Delete it."""
    answer = ask("DELETE", "numbers", number)
    return done(told(f"{number} was deleted.", answer), ".index")


@numbers.get("/credentials")
def suggest() -> ResponseReturnValue:
    """Credentials whose label or username agrees with what is typed into a field, for its list of suggestions."""
    text = request.args.get("credential", "").strip()
    found = _named(text) + _labelled(text) if text else []
    unique = {row["id"]: row for row in found}
    return show("numbers/suggestions.html", rows=list(unique.values())[:MOST_SUGGESTED], text=text)


def digits(text: str) -> str:
    """A telephone number without what people write between its digits: +1 (415) 555-0100."""
    return WRITTEN.sub("", text)


def routes_of(rows: Sequence[Row]) -> dict[str, Row]:
    """The credentials that these numbers are routed to, with their bindings, by id; each is asked for once."""
    wanted = dict.fromkeys(row["credential"] for row in rows if row["credential"])
    found = {credential_id: _credential(credential_id) for credential_id in wanted}
    return {credential_id: row for credential_id, row in found.items() if row}


def _wanted() -> dict[str, str]:
    wanted = query(*FILTERS)
    return wanted | {"prefix": digits(wanted["prefix"])} if "prefix" in wanted else wanted


def _editable(number: Row) -> Row:
    return {name: number[name] for name in ("label", "tenant")} | {"credential": number["username"]}


def _credential(credential_id: str) -> Row | None:
    """None when it was deleted meanwhile."""
    try:
        found: Row = ask("GET", "credentials", credential_id)
    except RefusedError as error:
        if error.status != 404:
            raise
        return None
    return found


def _named(text: str) -> list[Row]:
    """By username: what was chosen is said with its label."""
    if not NAMES.fullmatch(text):
        return []
    found: list[Row] = ask("GET", "credentials", query={"username": text})["items"]
    return found


def _labelled(text: str) -> list[Row]:
    found: list[Row] = ask("GET", "credentials", query={"label": text, "limit": MOST_SUGGESTED})["items"]
    return found
