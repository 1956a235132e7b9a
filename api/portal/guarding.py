"""Who may see a page, and what a browser may do with it: sessions, forged requests (CSRF), policies, errors."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlunsplit

from flask import Flask, Response, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from api.database import DatabaseUnavailableError
from api.portal.asking import RefusedError
from api.portal.permits import check_form
from api.portal.showing import is_part, shown_page
from api.principal import Principal
from api.problems import Refusal
from api.request_ids import request_id
from api.services import services
from api.sessions.store import find_session

TOKEN: Final = "token"  # noqa: S105
"""Where the browser's session holds that of the control plane."""
AUTOMATIC: Final = "X-Automatic"
"""A header of what the page asks for by itself: it does not keep a session from ending."""
OPEN: Final = ("portal.sign_in", "portal.show_sign_in")
PORTAL: Final = "/portal"
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
NEVER_SHOWN: Final = "This page could not be made: tell the operator its request {id}."
csrf: Final = CSRFProtect()


def configure(app: Flask, secret: str) -> None:
    """Cookies of `app` are for its own pages alone (RFC 6265bis), and its forms carry tokens."""
    app.secret_key = secret
    app.config.update(
        SESSION_COOKIE_NAME="__Host-turnpike",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_CHECK_DEFAULT=False,  # the API has no cookies, and needs no tokens
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRF-Token"],
    )
    csrf.init_app(app)


def admit() -> ResponseReturnValue | None:
    """Let the request at hand pass if its sender is signed in, and has not been made to send it by another site."""
    csrf.protect()
    g.principal = _signed_in()
    if g.principal:
        services().rates.count(g.principal.id)
        check_form()
        return None
    return None if request.endpoint in OPEN else _to_sign_in()


def restrict(response: Response) -> Response:
    """What a browser may do with the page, also with one that says that there is none."""
    if request.path.startswith(PORTAL):
        response.headers.update(HEADERS)
    return response


def _signed_in() -> Principal | None:
    token = session.get(TOKEN)
    if not token:
        return None
    with services().database.transaction() as cursor:
        found = find_session(cursor, token, services().sign_ins.idle, used=AUTOMATIC not in request.headers)
    if found is None:
        session.clear()
    return found


def _to_sign_in() -> ResponseReturnValue:
    """A part of a page cannot be replaced by another page: then the browser goes there, and later comes back."""
    if is_part():
        here = shown_page()
        back = urlunsplit(("", "", here.path, here.query, "")) if here.path.startswith(PORTAL) else None
        return Response(status=401, headers={"HX-Redirect": url_for("portal.show_sign_in", back=back)})
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("portal.show_sign_in", back=back), 303)


def refused(error: RefusedError) -> ResponseReturnValue:
    """The API's problem as a page, or as a message on the page that asked."""
    return failed(error.status, error.detail)


def failed(status: int, detail: str) -> ResponseReturnValue:
    """A page that says what went wrong and what to do; or a message on the page that asked."""
    if is_part():
        response = make_response(render_template("message.html", detail=detail, kind="danger"), status)
        response.headers.update({"HX-Retarget": "#messages", "HX-Reswap": "innerHTML"})
        return response
    return render_template("error.html", status=status, detail=detail), status


def errors() -> dict[type[Exception], Any]:
    """How each error of a page is answered."""
    return {
        RefusedError: refused,
        Refusal: lambda error: failed(error.status, error.detail),
        DatabaseUnavailableError: lambda _: failed(503, "The database cannot be reached: try again in a few seconds."),
        CSRFError: lambda _: failed(400, "This form was not sent from this session: load the page again."),
        HTTPException: lambda error: failed(error.code or 500, _said(error)),
    }


def _said(error: HTTPException) -> str:
    if error.code == 404:
        return "There is no such page."
    if (error.code or 500) >= 500:
        return NEVER_SHOWN.format(id=request_id())
    return error.description or error.name
