"""Credentials: a dialog for each thing that is done to one (rule C3). It says what will happen before it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qsl

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask, read
from api.portal.forms import Form, before
from api.portal.showing import done, show, shown_page

LIST: Final = "portal.credentials.index"
PAGE: Final = "portal.credential.one"
KEPT: Final = ("q", "tenant", "enabled", "grace", "sort", "after")
"""What of the list's address stays after a change."""
EDITABLE: Final = ("label", "tenant")
BOTH: Final = ["GET", "POST"]
Row = dict[str, Any]
Send = Callable[[Form], Row]


def add_routes(credentials: Blueprint) -> None:
    """Put the dialogs on `credentials`: GET shows one, POST carries it out."""
    for view in (edit, disable, enable, end_grace, delete):
        action = view.__name__.replace("_", "-")
        credentials.add_url_rule(f"/<credential_id>/{action}", view.__name__, view, methods=BOTH)


def edit(credential_id: str) -> ResponseReturnValue:
    """Another label, or another tenant; what was not changed here is left to others."""

    def send(form: Form) -> Row:
        now, tag = read("credentials", credential_id)
        typed = form.typed_anew(_editable(now))
        change = {name: value or (None if name == "tenant" else "") for name, value in typed.items()}
        return _changed(credential_id, change, tag) if change else {}

    fields = (*EDITABLE, *before(dict.fromkeys(EDITABLE)))
    return _dialog("edit", credential_id, send, "{label} is saved.", fields)


def disable(credential_id: str) -> ResponseReturnValue:
    """Its PBX may not register or call any more (rule C5)."""

    def send(form: Form) -> Row:
        return _changed(credential_id, {"enabled": False, "end_calls": form.checked("end_calls")})

    return _dialog("disable", credential_id, send, "{label} is disabled.", ("end_calls",))


def enable(credential_id: str) -> ResponseReturnValue:
    """Its PBX may register and call again."""
    return _dialog("enable", credential_id, lambda _: _changed(credential_id, {"enabled": True}), "{label} is enabled.")


def end_grace(credential_id: str) -> ResponseReturnValue:
    """The old password ends now (rule C4)."""

    def send(_: Form) -> Row:
        ended: Row = ask("DELETE", "credentials", credential_id, "old-password")
        return ended

    return _dialog("end_grace", credential_id, send, "The old password of {label} has ended.")


def delete(credential_id: str) -> ResponseReturnValue:
    """It is no more, unless a number is routed to it (rule T3)."""

    def send(form: Form) -> Row:
        query = {"end_calls": form.checked("end_calls")}
        deleted: Row = ask("DELETE", "credentials", credential_id, query=query)
        return deleted

    return _dialog("delete", credential_id, send, "{label} is deleted.", ("end_calls",), page=False)


def told(sentence: str, answer: Row) -> str:
    """`sentence`, the calls that are being ended, and regions that have not applied the change yet (rule C5)."""
    said = [sentence] if sentence else []
    if ending := answer.get("ending_calls"):
        said.append(f"{ending} {'calls are' if ending > 1 else 'call is'} being ended.")
    if late := answer.get("pending_regions"):
        said.append(f"Not applied yet by {' and '.join(late)}: it will be, as soon as the region is reached again.")
    return " ".join(said)


def _editable(credential: Row) -> Row:
    return {name: credential[name] for name in EDITABLE}


def _changed(credential_id: str, change: Row, tag: str = "") -> Row:
    changed: Row = ask("PATCH", "credentials", credential_id, body=change, tag=tag)
    return changed


def _dialog(
    action: str, credential_id: str, send: Send, said: str, fields: tuple[str, ...] = (), *, page: bool = True
) -> ResponseReturnValue:
    """Show the dialog, or `send` what was filled in and say `said`. `page`: the credential has one afterwards."""
    shown = ask("GET", "credentials", credential_id)
    template = f"credentials/{action}.html"
    if request.method == "GET":
        values = _editable(shown)
        return show(template, form=Form(**values, **before(values)), credential=shown)
    form = Form.sent(*fields)
    try:
        answer = send(form)
    except RefusedError as error:
        return show(template, form=form.refused(error), credential=shown, status=error.status)
    label = answer.get("label", shown["label"])
    return _back(told(said.format(label=label), answer), credential_id if page else None)


def _back(message: str, credential_id: str | None) -> ResponseReturnValue:
    """To the page that the dialog was opened from: the credential's own, or the list as it was."""
    here = shown_page()
    if credential_id and here.path == url_for(PAGE, credential_id=credential_id):
        return done(message, PAGE, credential_id=credential_id)
    return done(message, LIST, **{name: value for name, value in parse_qsl(here.query) if name in KEPT})
