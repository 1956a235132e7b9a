"""Ending what a credential has: a call, a registration, a block. Each asks first, and says what will happen."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from api.portal.asking import RefusedError, ask
from api.portal.forms import Form
from api.portal.showing import done, show

TOLD: Final = {
    "calls": "The call is ended: both sides get a BYE.",
    "bindings": "The registration is removed.",
    "blocks": "The block is lifted.",
}
"""What can be ended, by its name in the API, and what is said of it then."""

credential_ending: Final = Blueprint("credential_ending", __name__, url_prefix="/credentials")


@credential_ending.get("/<credential_id>/<any(calls, bindings, blocks):kind>/<thing_id>/end")
def ask_first(credential_id: str, kind: str, thing_id: str) -> ResponseReturnValue:
    """What it is, and what ending it does."""
    return _asked(credential_id, kind, thing_id, Form())


@credential_ending.post("/<credential_id>/<any(calls, bindings, blocks):kind>/<thing_id>/end")
def end(credential_id: str, kind: str, thing_id: str) -> ResponseReturnValue:
    """End it."""
    form = Form.sent()
    try:
        _thing(credential_id, kind, thing_id)
        answer = ask("DELETE", kind, thing_id)
    except RefusedError as error:
        if error.status != 404:
            return _asked(credential_id, kind, thing_id, form.refused(error))
        return done(error.detail, "portal.credential.one", credential_id=credential_id)
    return done(TOLD[kind] + _late(answer), "portal.credential.one", credential_id=credential_id)


def _asked(credential_id: str, kind: str, thing_id: str, form: Form) -> ResponseReturnValue:
    thing = _thing(credential_id, kind, thing_id)
    status = form.problem.status if form.problem else 200
    values = {
        "credential_id": credential_id,
        "kind": kind,
        "thing": thing,
        "form": form,
        "limits": ask("GET", "limits"),
    }
    return show("credential/end.html", status=status, **values)


def _thing(credential_id: str, kind: str, thing_id: str) -> dict[str, Any]:
    """Errors: NotFound for another credential's; a block of a whole address is nobody's."""
    thing: dict[str, Any] = ask("GET", kind, thing_id)
    if thing["credential"] not in (credential_id, None):
        abort(404)
    return thing


def _late(answer: dict[str, Any]) -> str:
    waiting = answer["pending_regions"]
    return f" {', '.join(waiting)} will do so as soon as it is reached again." if waiting else ""
