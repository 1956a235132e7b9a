"""Style sheets, scripts and icons: the portal's own, and those of packages that npm installed. No other host helps."""

from __future__ import annotations

import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, request, url_for
from markupsafe import Markup

from api.settings import ROOT

OWN: Final = ROOT / "templates" / "portal" / "assets"
PACKAGES: Final = ROOT / "node_modules"
ICONS: Final = PACKAGES / "bootstrap-icons" / "icons"
FILES: Final = {
    "bootstrap.css": PACKAGES / "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.js": PACKAGES / "bootstrap/dist/js/bootstrap.bundle.min.js",
    "htmx.js": PACKAGES / "htmx.org/dist/htmx.min.js",
    "idiomorph.js": PACKAGES / "idiomorph/dist/idiomorph-ext.min.js",
    "chart.js": PACKAGES / "chart.js/dist/chart.umd.min.js",
}
"""By the names that pages use."""
A_YEAR: Final = 31_536_000
"""Seconds. A file that changes gets another address."""

assets: Final = Blueprint("assets", __name__, url_prefix="/portal/assets")


@assets.get("/<name>")
def asset(name: str) -> Response:
    """One of them. Errors: NotFound."""
    file = _file(name)
    if not file.is_file():
        abort(404)
    response = Response(file.read_bytes(), mimetype=guess_type(file.name)[0])
    response.cache_control.public, response.cache_control.max_age = True, A_YEAR
    response.set_etag(_digest(file))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response


def asset_url(name: str) -> str:
    """Where a page finds the asset; the address changes when its content does."""
    return url_for("assets.asset", name=name, v=_digest(_file(name)))


@cache
def icon(name: str) -> Markup:
    """A drawing of bootstrap-icons, which says nothing to a screen reader. Errors: OSError for an unknown one."""
    drawing = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    return Markup(drawing.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704


def _file(name: str) -> Path:
    return FILES.get(name, OWN / Path(name).name)


@cache
def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]
