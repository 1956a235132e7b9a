"""Keys of the API: for programs, each with what it may do and when it ends. Administrators' alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.forms import Form, query
from api.portal.pages.users import ROLES
from api.portal.showing import done, read_moment, show

DAYS: Final = (("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"))

keys: Final = Blueprint("keys", __name__, url_prefix="/keys")


@keys.get("/")
def index() -> ResponseReturnValue:
    """The list, newest first, those included that have ended."""
    answer = ask("GET", "keys", query=query("after") | {"limit": 50})
    ended = {key["id"] for key in answer["items"] if _has_ended(key["expires_at"])}
    return show("keys/index.html", answer=answer, ended=ended)


@keys.get("/new")
def new() -> ResponseReturnValue:
    """The form for another key."""
    return show("keys/new.html", form=Form(scope="read", days="365"), scopes=ROLES, days=DAYS)


@keys.post("")
def create() -> ResponseReturnValue:
    """Make a key, which is in this answer, this once."""
    form = Form.sent("label", "scope", "tenant", "days")
    body = {"label": form["label"], "scope": form["scope"]} | form.or_none("tenant")
    try:
        made = ask("POST", "keys", body=body | {"expires_at": _end(form["days"])}, key=form.key)
    except RefusedError as error:
        return show("keys/new.html", form=form.refused(error), scopes=ROLES, days=DAYS, status=error.status)
    return show("keys/once.html", made=made)


@keys.get("/<key_id>/revoke")
def ask_revoke(key_id: str) -> ResponseReturnValue:
    """Whether the key shall open nothing any more."""
    return show("keys/revoke.html", key=ask("GET", "keys", key_id), form=Form())


@keys.post("/<key_id>/revoke")
def revoke(key_id: str) -> ResponseReturnValue:
    """Revoke a key, for ever."""
    form = Form.sent()
    try:
        revoked = ask("DELETE", "keys", key_id)
    except RefusedError as error:
        key = ask("GET", "keys", key_id)
        return show("keys/revoke.html", key=key, form=form.refused(error), status=error.status)
    return done(f"Key {revoked['label']} ({revoked['prefix']}…) was revoked.", "portal.keys.index")


def _end(days: str) -> str | None:
    """The midnight after so many whole days: a form that is sent twice says the same. What is no choice is the API's to
    refuse.
    """
    if days not in dict(DAYS):
        return days or None
    end = datetime.now(UTC) + timedelta(days=int(days) + 1)
    return end.replace(hour=0, minute=0, second=0, microsecond=0).isoformat(timespec="milliseconds")


def _has_ended(expires_at: str | None) -> bool:
    return expires_at is not None and read_moment(expires_at) <= datetime.now(UTC)
