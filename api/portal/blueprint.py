"""The portal's pages, put together."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Flask, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_compress import Compress
from jinja2 import StrictUndefined

from api.portal import guarding, showing, signing_in
from api.portal.assets import assets
from api.portal.pages import PAGES
from api.settings import ROOT

TEMPLATES: Final = ROOT / "templates" / "portal"
COMPRESSED: Final = ["text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"]


def install(app: Flask, secret: str) -> None:
    """Add the portal to `app`. `secret` signs what browsers keep."""
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.config.update(COMPRESS_MIMETYPES=COMPRESSED, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_REGISTER=False)
    compress = Compress(app)

    def compressed(response: Response) -> Response:
        """The portal's own: what the API streams, and the documentation's files, go as they are."""
        own = request.path.startswith(guarding.PORTAL)
        return compress.after_request(response) if own else response

    app.after_request(compressed)
    guarding.configure(app, secret)
    app.register_blueprint(assets)
    app.register_blueprint(_portal())
    app.get("/")(_to_portal)


def _portal() -> Blueprint:
    portal = Blueprint("portal", __name__, url_prefix="/portal", template_folder=str(TEMPLATES))
    portal.before_request(guarding.admit)
    portal.after_app_request(guarding.restrict)
    for kind, answer in guarding.errors().items():
        portal.register_error_handler(kind, answer)
    showing.install(portal)
    signing_in.add_routes(portal)
    portal.get("/")(home)
    portal.get("/<path:unknown>")(_nothing)
    for page in PAGES:
        portal.register_blueprint(page)
    return portal


def home() -> ResponseReturnValue:
    """Where one begins."""
    carriers = g.principal.tenant is None
    return redirect(url_for("portal.overview.index" if carriers else "portal.credentials.index"), 303)


def _nothing(**_: Any) -> ResponseReturnValue:
    abort(404)


def _to_portal() -> ResponseReturnValue:
    return redirect(url_for("portal.home"), 303)
