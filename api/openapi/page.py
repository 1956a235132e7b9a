"""The documentation page: Swagger UI, from the package that is installed and without any other host."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, send_from_directory

from api.settings import ROOT

OWN: Final = ROOT / "templates" / "docs"
PACKAGE: Final = "flask-openapi3-swagger"
UI: Final = "flask_openapi3_swagger/templates/swagger"
ASSETS: Final = {"start.js": OWN} | {
    name: Path(str(distribution(PACKAGE).locate_file(UI))) / kind
    for kind, name in (("css", "swagger-ui.css"), ("js", "swagger-ui-bundle.js"))
}
"""Files beside the page, and the folder that each lies in."""
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

page: Final = Blueprint("docs", __name__, url_prefix="/docs")


@page.get("")
def show() -> Response:
    """The page itself."""
    return send_from_directory(OWN, "index.html")


@page.get("/<name>")
def asset(name: str) -> Response:
    """What the page consists of. Errors: NotFound."""
    return send_from_directory(ASSETS.get(name, OWN / "none"), name)


@page.after_request
def restrict(response: Response) -> Response:
    """Only what this service serves runs on the page, and nobody frames it: keys are typed into it."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
