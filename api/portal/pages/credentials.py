"""SIP credentials: the list, with what is live about each, and everything done to one."""

from __future__ import annotations

import re
from typing import Any, Final

from flask import Blueprint, Response, current_app
from flask.typing import ResponseReturnValue

from api.passwords import LETTERS, UNAMBIGUOUS, USERNAME_LENGTH
from api.portal.asking import RefusedError, ask, download
from api.portal.forms import query
from api.portal.pages import credential_changes, credential_secrets
from api.portal.showing import show

ID: Final = re.compile(r"cr-[a-z0-9]+")
USERNAME: Final = re.compile(f"[{LETTERS}][{UNAMBIGUOUS}]{{{USERNAME_LENGTH - 1}}}")
FILTERS: Final = ("tenant", "enabled", "grace")
SORTS: Final = (
    ("", "Newest first"),
    ("created_at", "Oldest first"),
    ("username", "Username, A to Z"),
    ("-username", "Username, Z to A"),
)
IMPORT: Final = "portal.imports.start"
Row = dict[str, Any]

credentials: Final = Blueprint("credentials", __name__, url_prefix="/credentials")
credential_secrets.add_routes(credentials)
credential_changes.add_routes(credentials)


@credentials.get("/")
def index() -> ResponseReturnValue:
    """The list, newest first unless told, which shows itself anew."""
    wanted = query(*FILTERS, "sort", "after") | named(query("q").get("q"))
    answer = ask("GET", "credentials", query=wanted | {"limit": 50, "live": True})
    rows = [row | {"live": by_region(row)} for row in answer["items"]]
    return show(
        "credentials/index.html",
        "list",
        answer=answer,
        rows=rows,
        limits=ask("GET", "limits"),
        sorts=SORTS,
        filters=query(*FILTERS, "q"),
        has_imports=IMPORT in current_app.view_functions,
    )


@credentials.get("/credentials.csv")
def export() -> Response:
    """All that the filters find, as a CSV file without passwords."""
    return download("credentials.csv", query=query(*FILTERS) | named(query("q").get("q")))


def by_region(row: Row) -> list[Row]:
    """What a credential uses of its limits in every region, each with its `binding` there, if there is one."""
    bindings = {binding["region"]: binding for binding in row["bindings"]}
    return [use | {"binding": bindings.get(use["region"])} for use in row["use"]]


def named(text: str | None) -> dict[str, str]:
    """The filter that somebody means who searches for `text`: a username, an id, or else a part of a label."""
    if not text:
        return {}
    username = _username(text)
    return {"username": username} if username else {"label": text}


def _username(text: str) -> str | None:
    if ID.fullmatch(text):
        return _of_id(text)
    if not USERNAME.fullmatch(text):
        return None
    return text if ask("GET", "credentials", query={"username": text, "limit": 1})["items"] else None


def _of_id(credential_id: str) -> str | None:
    try:
        return str(ask("GET", "credentials", credential_id)["username"])
    except RefusedError as error:
        if error.status != 404:
            raise
        return None
