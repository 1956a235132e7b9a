"""Policy lists: User-Agents that are refused or not answered, and numbers that pass every limit."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.forms import Form
from api.portal.pages.applied import told
from api.portal.showing import done, show


class PolicyList(NamedTuple):
    """One of the lists. `path` is the API's, `key` what a row is known by, `entry` what a person reads of it."""

    title: str
    one: str
    path: str
    key: str
    entry: str
    kind: str | None = None

    @property
    def filter(self) -> dict[str, str]:
        """What of `path` is this list."""
        return {"kind": self.kind} if self.kind else {}


LISTS: Final = {
    "phones": PolicyList("Phones", "phone", "user-agents", "id", "pattern", "phone"),
    "scanners": PolicyList("Scanners", "scanner", "user-agents", "id", "pattern", "scanner"),
    "emergency": PolicyList("Emergency numbers", "emergency number", "emergency-numbers", "digits", "digits"),
}
"""By what addresses call them."""

lists: Final = Blueprint("lists", __name__, url_prefix="/lists")


@lists.get("/")
def index() -> ResponseReturnValue:
    """One of the lists; the first unless told."""
    name = request.args.get("of", "phones")
    known = _known(name)
    rows = ask("GET", known.path, query=known.filter)["items"]
    return show("lists/index.html", name=name, known=known, lists=LISTS, rows=rows)


@lists.get("/<name>/new")
def new(name: str) -> ResponseReturnValue:
    """The form for another entry."""
    return show("lists/new.html", name=name, known=_known(name), form=Form())


@lists.post("/<name>")
def create(name: str) -> ResponseReturnValue:
    """Add one."""
    known = _known(name)
    form = Form.sent(known.entry, "note")
    body = {known.entry: form[known.entry]} | form.or_none("note") | known.filter
    try:
        made = ask("POST", known.path, body=body, key=form.key)
    except RefusedError as error:
        return show("lists/new.html", name=name, known=known, form=form.refused(error), status=error.status)
    return done(told(f"{made[known.entry]} was added.", made), ".index", of=name)


@lists.get("/<name>/<key>/remove")
def confirm_remove(name: str, key: str) -> ResponseReturnValue:
    """What removing an entry does."""
    known, row = _found(name, key)
    return show("lists/remove.html", name=name, known=known, row=row, form=Form())


@lists.post("/<name>/<key>/remove")
def remove(name: str, key: str) -> ResponseReturnValue:
    """Remove it."""
    known, row = _found(name, key)
    answer = ask("DELETE", known.path, key)
    return done(told(f"{row[known.entry]} was removed.", answer), ".index", of=name)


def _known(name: str) -> PolicyList:
    if name not in LISTS:
        raise RefusedError(404, {"detail": "There is no such list."})
    return LISTS[name]


def _found(name: str, key: str) -> tuple[PolicyList, dict[str, Any]]:
    known = _known(name)
    row: dict[str, Any] = ask("GET", known.path, key)
    if not known.filter.items() <= row.items():
        raise RefusedError(404, {"detail": "There is no such entry in this list."})
    return known, row
