"""Credentials: what makes a password, which is shown this once (rules C1, C2 and C4).

The answer to the form is the only copy that leaves the API. It goes into a dialog, and with that it is gone.
"""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read
from api.portal.forms import Form
from api.portal.pages.credential_changes import told
from api.portal.showing import show

GRACES: Final = (
    ("0", "The old password ends now"),
    ("3600", "It works for 1 hour more"),
    ("28800", "It works for 8 hours more"),
    ("86400", "It works for 1 day more"),
    ("172800", "It works for 2 days more"),
    ("604800", "It works for 7 days more"),
)
"""Seconds, 7 days at the most (rule C4)."""
USUAL_GRACE: Final = "86400"
EVERY: Final = "all"
PLAIN: Final = "plain"
Row = dict[str, Any]


def add_routes(credentials: Blueprint) -> None:
    """Put making a credential, and rotating one, on `credentials`."""
    credentials.get("/new")(new)
    credentials.post("")(create)
    credentials.route("/<credential_id>/rotate", methods=["GET", "POST"])(rotate)


def new() -> ResponseReturnValue:
    """The form for another one."""
    return _form("credentials/new.html", Form(pbx=PLAIN))


def create() -> ResponseReturnValue:
    """Make one; its password is in this answer, this once (rule C1)."""
    form = Form.sent("label", "tenant", "pbx", "domain")
    try:
        made = _made(("credentials",), {"label": form["label"]} | form.or_none("tenant"), form)
    except RefusedError as error:
        return _form("credentials/new.html", form.refused(error), status=error.status)
    return _once("Credential created", made, form)


def rotate(credential_id: str) -> ResponseReturnValue:
    """Make a new password; the old one ends now, or works for a grace period more (rule C4)."""
    shown, tag = read("credentials", credential_id)
    if request.method == "GET":
        return _form("credentials/rotate.html", Form(tag, grace_seconds=USUAL_GRACE, pbx=PLAIN), credential=shown)
    form = Form.sent("grace_seconds", "end_calls", "pbx", "domain")
    body = {"grace_seconds": form.whole("grace_seconds"), "end_calls": form.checked("end_calls")}
    try:
        made = _made(("credentials", credential_id, "rotate"), body, form)
    except RefusedError as error:
        return _form("credentials/rotate.html", form.refused(error), credential=shown, status=error.status)
    return _once("New password", made | {"label": shown["label"]}, form)


def _made(path: tuple[str, ...], body: Row, form: Form) -> Row:
    """With the settings of every kind of PBX, unless there is no region that they could name."""
    settings = form.or_none("domain") | {"pbx": EVERY}
    try:
        made: Row = ask("POST", *path, body=body | settings, key=form.key, tag=form.tag)
    except RefusedError as error:
        if error.kind != "no-region-in-service":
            raise
        made = ask("POST", *path, body=body, key=form.key, tag=form.tag)
    return made


def _once(title: str, made: Row, form: Form) -> ResponseReturnValue:
    kinds = _kinds()
    chosen = form["pbx"] if form["pbx"] in dict(kinds) else PLAIN
    return show(
        "credentials/once.html",
        title=title,
        made=made,
        told=told("", made),
        tabs=[(key, name, _files(made, key)) for key, name in kinds] if made["settings"] else [],
        chosen=chosen,
        limits=ask("GET", "limits"),
    )


def _files(made: Row, kind: str) -> list[Row]:
    return [file for file in made["settings"]["files"] if file["pbx"] == kind]


def _form(template: str, form: Form, *, status: int = 200, **values: Any) -> ResponseReturnValue:
    domains = [(row["name"], row["registrar"]) for row in ask("GET", "domains")["items"]]
    return show(template, form=form, kinds=_kinds(), domains=domains, graces=GRACES, status=status, **values)


def _kinds() -> list[tuple[str, str]]:
    """Keys and names of the kinds of PBX."""
    return [(row["key"], row["name"][:1].upper() + row["name"][1:]) for row in ask("GET", "pbxs")["items"]]
