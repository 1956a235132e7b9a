"""Imports of CSV files. A file is looked at, then sent again by the browser: nothing of it stays here in between."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from api.csv_files import MEDIA_TYPE
from api.limits import LARGEST_FILE, MOST_ROWS
from api.portal.asking import RefusedError, ask, exchange_file, send_file
from api.portal.forms import Form
from api.portal.guarding import TOKEN
from api.portal.importable import IMPORTABLE, Importable
from api.portal.pages.applied import told
from api.portal.previews import digest_of, preview_of
from api.portal.showing import show

FORM: Final = 64 * 1024
"""Bytes of a form beside the file that it carries."""
STOP_POLLING: Final = 286
"""htmx's status for what does not change any more."""
OVER: Final = ("done", "stopped")
PASSWORDS_FILE: Final = "credentials-with-passwords.csv"
OTHER_FILE: Final = "These are not the rows that were previewed, so nothing was imported: look at what they would do."

imports: Final = Blueprint("imports", __name__, url_prefix="/imports")


@imports.url_value_preprocessor
def _take_files(*_: Any) -> None:
    """Before the form is read for its CSRF token. Strangers may not send as much."""
    if TOKEN in session:
        request.max_content_length = request.max_form_memory_size = LARGEST_FILE + FORM


@imports.get("/<kind>")
def start(kind: str) -> ResponseReturnValue:
    """The form, and what a file looks like."""
    return _page(_known(kind))


@imports.get("/<kind>/example.csv")
def example(kind: str) -> Response:
    """A file that shows the columns."""
    known = _known(kind)
    named = f'attachment; filename="{known.name}-example.csv"'
    return Response(known.example, mimetype=MEDIA_TYPE, headers={"Content-Disposition": named})


@imports.post("/<kind>/preview")
def preview(kind: str) -> ResponseReturnValue:
    """What the file would do, row by row; nothing is changed."""
    known = _known(kind)
    try:
        return _looked_at(known, _sent())
    except RefusedError as error:
        return _page(known, problem=error)


@imports.post("/<kind>")
def carry_out(kind: str) -> ResponseReturnValue:
    """Import the file that was looked at, all of it or nothing. Passwords leave in this answer, this once (rule C1)."""
    known = _known(kind)
    content, form = _sent(), Form.sent("digest")
    if form["digest"] != digest_of(content):
        return _looked_at(known, content, RefusedError(409, {"detail": OTHER_FILE}))
    try:
        answer = exchange_file(known.name, "import", content=content, media_type=MEDIA_TYPE, key=form.key)
    except RefusedError as error:
        if error.kind == "told-once":
            return show("imports/told.html", known=known, made=error.problem["made"], status=409)
        return _looked_at(known, content, error)
    return _passwords(answer) if answer.mimetype == MEDIA_TYPE else _done(known, answer.get_json())


@imports.get("/<kind>/progress/<key>")
def progress(kind: str, key: str) -> ResponseReturnValue:
    """How far an import of one's own is; at its end the page stops asking."""
    known = _known(kind)
    try:
        at = ask("GET", "imports", key)
    except RefusedError as error:
        if error.status != 404:
            raise
        at = None
    status = STOP_POLLING if at and at["phase"] in OVER else 200
    return show("imports/progress.html", known=known, at=at, status=status)


def _known(kind: str) -> Importable:
    """Errors: RefusedError (404); Refusal (403) for who may not import such things."""
    if kind not in IMPORTABLE:
        raise RefusedError(404, {"detail": "There is no such import."})
    g.principal.check(IMPORTABLE[kind].access)
    return IMPORTABLE[kind]


def _sent() -> bytes:
    """The file, or what was pasted in its place. Errors: RefusedError when it is both, or neither."""
    file = request.files.get("file")
    content = file.read() if file and file.filename else b""
    text = request.form.get("text", "").encode() if request.form.get("text", "").strip() else b""
    if content and text:
        raise RefusedError(422, {"detail": "Choose a file or paste rows, not both: empty one of the two."})
    if not content and not text:
        raise RefusedError(422, {"detail": "Choose a file that is not empty, or paste rows, first."})
    return content or text


def _looked_at(known: Importable, content: bytes, problem: RefusedError | None = None) -> ResponseReturnValue:
    try:
        report = send_file(known.name, "import", "check", content=content, media_type=MEDIA_TYPE)
    except RefusedError as error:
        return _page(known, problem=problem or error)
    return _page(known, preview_of(report, content), digest_of(content), problem)


def _page(
    known: Importable, report: Any = None, digest: str = "", problem: RefusedError | None = None
) -> ResponseReturnValue:
    limits = {"rows": MOST_ROWS, "bytes": LARGEST_FILE}
    values = {"known": known, "report": report, "limits": limits, "form": Form(digest=digest), "problem": problem}
    return show("imports/start.html", "preview", status=problem.status if problem else 200, **values)


def _passwords(answer: Response) -> Response:
    """The API's file goes on as it is: no cache may keep it (`Cache-Control: no-store`, as all the portal's pages)."""
    answer.headers["Content-Disposition"] = f'attachment; filename="{PASSWORDS_FILE}"'
    return answer


def _done(known: Importable, answer: Any) -> ResponseReturnValue:
    flash(told(f"{known.counted(answer['rows'])} imported.", answer))
    return redirect(url_for(known.list_endpoint), 303)
