"""Errors as application/problem+json (RFC 9457), each with a text that says what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import HTTP_STATUS_CODES

from api.database import DatabaseUnavailableError, ForeignCharactersError

MEDIA_TYPE: Final = "application/problem+json"
DATABASE_RETRY: Final = 5
"""Seconds after which a request is worth repeating when MariaDB is away."""
PLAIN: Final = "about:blank"
DETAILS: Final = {
    400: "The request's body is not JSON: send a JSON object in UTF-8.",
    404: "There is nothing at this path: /openapi.json lists what there is.",
    413: "The request's body is too large: 64 KiB are the most, and 4 MiB for a CSV file; divide it.",
    415: "Send the body as JSON, with the header Content-Type: application/json.",
    500: "This is a fault of the service, and its log tells what happened: tell the operator its X-Request-ID.",
}


class Refusal(Exception):  # noqa: N818
    """A request that is refused: `kind` names the problem's type for programs, `detail` says what to do."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
        self.detail = detail
        self.headers = headers or {}
        self.more = dict(more or {}) | ({"errors": list(errors)} if errors else {})


def unknown(what: str, name: str, hint: str) -> Refusal:
    """404 for a `what` (such as "credential") called `name`; `hint` is where to look."""
    return Refusal(404, f"unknown-{what.replace(' ', '-')}", f"There is no {what} {name}: {hint}.")


def wrong_field(field: str, detail: str) -> Refusal:
    """422 for one field that is well formed but cannot be used."""
    return Refusal(422, "invalid-fields", f"{field}: {detail}", errors=[{"field": field, "detail": detail}])


def install(app: Flask) -> None:
    """Answer every error of `app` as a problem. To be called after flask-smorest has put its own handler in."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(DatabaseUnavailableError, _unavailable)
    app.register_error_handler(ForeignCharactersError, _foreign_characters)
    app.register_error_handler(HTTPException, _http)


def problem(
    status: int, detail: str, *, kind: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """A response with a problem for its body."""
    body = {
        "type": PLAIN if kind is None else f"urn:problem-type:turnpike:{kind}",
        "title": HTTP_STATUS_CODES.get(status, "Error") if kind is None else kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    } | more
    return Response(json.dumps(body), status=status, headers=dict(headers or {}), mimetype=MEDIA_TYPE)


def _refused(error: Refusal) -> Response:
    return problem(error.status, error.detail, kind=error.kind, headers=error.headers, **error.more)


def _unavailable(_error: DatabaseUnavailableError) -> Response:
    detail = (
        f"The database cannot be reached. Regions keep serving PBXs; repeat the request in {DATABASE_RETRY} seconds."
    )
    return problem(503, detail, kind="database-unavailable", headers={"Retry-After": str(DATABASE_RETRY)})


def _foreign_characters(_error: ForeignCharactersError) -> Response:
    detail = "There is nothing of this name: identifiers, usernames and numbers of this service are ASCII."
    return problem(404, detail, kind="foreign-characters")


def _http(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    if status == 422:
        return _invalid(getattr(error, "data", {}).get("messages", {}))
    if isinstance(error, MethodNotAllowed):
        return _wrong_method(error)
    return problem(status, DETAILS.get(status, error.description or ""))


def _wrong_method(error: MethodNotAllowed) -> Response:
    allowed = ", ".join(sorted(error.valid_methods or ()))
    return problem(405, f"{request.method} is not possible here: use one of {allowed}.", headers={"Allow": allowed})


def _invalid(messages: Mapping[str, Any]) -> Response:
    """Names every wrong field. The values that were sent are never repeated: one may be a password (rule C2)."""
    errors = [
        {"field": field, "detail": detail}
        for place in messages.values()
        for field, detail in _fields(place if isinstance(place, Mapping) else {"_schema": place})
    ]
    detail = " ".join(f"{each['field']}: {each['detail']}" for each in errors)
    return problem(422, detail, kind="invalid-fields", errors=errors)


def _fields(messages: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field, details in messages.items():
        for detail in _texts(details):
            yield ("body" if field == "_schema" else str(field)), detail


def _texts(details: Any) -> Iterator[str]:
    """Those of a list's elements come by their places."""
    if isinstance(details, Mapping):
        details = details.values()
    elif not isinstance(details, list):
        details = [details]
    for each in details:
        yield from [each] if isinstance(each, str) else _texts(each)
