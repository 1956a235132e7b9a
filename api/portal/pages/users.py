"""People who may sign in: what each may do, for which tenant, and where they are signed in. Administrators' alone."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read, save
from api.portal.forms import Form, query
from api.portal.showing import done, show

ROLES: Final = (
    ("read", "read: look, change nothing"),
    ("operate", "operate: trunks, numbers and calls"),
    ("administer", "administer: everything"),
)
ENABLED: Final = "enabled"
INDEX: Final = "portal.users.index"

users: Final = Blueprint("users", __name__, url_prefix="/users")


@users.get("/")
def index() -> ResponseReturnValue:
    """The list, newest first."""
    answer = ask("GET", "users", query=query("name", "role", "tenant", "enabled", "after") | {"limit": 50})
    return show("users/index.html", answer=answer, roles=ROLES)


@users.get("/new")
def new() -> ResponseReturnValue:
    """The form for another person."""
    return _form(None, Form(role="operate"))


@users.post("")
def create() -> ResponseReturnValue:
    """Make a person, whose password is in this answer, this once."""
    form = Form.sent("name", "role", "tenant")
    body = {"name": form["name"], "role": form["role"]} | form.or_none("tenant")
    try:
        made = ask("POST", "users", body=body, key=form.key)
    except RefusedError as error:
        return _form(None, form.refused(error))
    return show("users/once.html", title="User created", made=made)


@users.get("/<user_id>/edit")
def edit(user_id: str) -> ResponseReturnValue:
    """The form for what can be changed of a person."""
    person, tag = read("users", user_id)
    return _form(person, Form(tag, role=person["role"], tenant=person["tenant"], enabled=person["enabled"]))


@users.post("/<user_id>/edit")
def change(user_id: str) -> ResponseReturnValue:
    """Change role, tenant, or whether the person may sign in."""
    form = Form.sent("role", "tenant", ENABLED)
    body = {"role": form["role"], ENABLED: form.checked(ENABLED)} | form.or_none("tenant")
    try:
        changed = save("users", user_id, body=body, tag=form.tag)
    except RefusedError as error:
        return _form(ask("GET", "users", user_id), form.refused(error))
    return done(f"{changed['name']} was changed.", INDEX)


@users.get("/<user_id>/password")
def ask_password(user_id: str) -> ResponseReturnValue:
    """Whether the person shall get another password."""
    person, tag = read("users", user_id)
    return show("users/password.html", person=person, form=Form(tag))


@users.post("/<user_id>/password")
def reset_password(user_id: str) -> ResponseReturnValue:
    """Make another password, which is in this answer, this once."""
    form = Form.sent()
    made = ask("POST", "users", user_id, "password", body={}, key=form.key, tag=form.tag)
    return show("users/once.html", title="New password", made=made)


@users.get("/<user_id>/sessions")
def sessions(user_id: str) -> ResponseReturnValue:
    """Where a person is signed in."""
    person = ask("GET", "users", user_id)
    return show(
        "users/sessions.html", person=person, sessions=ask("GET", "users", user_id, "sessions")["items"], form=Form()
    )


@users.post("/<user_id>/sessions")
def end_sessions(user_id: str) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    ended = ask("DELETE", "users", user_id, "sessions")
    return done(f"{ended['name']} was signed out of {ended['ended']} session(s).", INDEX)


@users.get("/<user_id>/delete")
def ask_delete(user_id: str) -> ResponseReturnValue:
    """Whether the person shall be deleted."""
    return show("users/delete.html", person=ask("GET", "users", user_id), form=Form())


@users.post("/<user_id>/delete")
def delete(user_id: str) -> ResponseReturnValue:
    """Delete a person."""
    gone = ask("DELETE", "users", user_id)
    return done(f"{gone['name']} was deleted.", INDEX)


def _form(person: dict[str, Any] | None, form: Form) -> ResponseReturnValue:
    status = form.problem.status if form.problem else 200
    return show("users/form.html", person=person, form=form, roles=ROLES, status=status)
