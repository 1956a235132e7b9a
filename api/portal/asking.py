"""The API, asked from within: by the person who is signed in, with all of its checks, errors and records."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from flask import Response, current_app, g, json, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder, run_wsgi_app

from api.idempotency import HEADER as KEY_HEADER
from api.imports.senders import SOCKET
from api.portal.plain import plain
from api.principal import ASKED_BY
from api.request_ids import HEADER as ID_HEADER
from api.request_ids import request_id

API: Final = "/v1"
NAMED: Final = re.compile(r"(?P<field>[a-z_]+): (?P<told>.+)", re.DOTALL)
Query = Mapping[str, Any]


class RefusedError(Exception):
    """The API's problem: its `status`, its `detail`, and what is wrong with fields, by their names."""

    def __init__(self, status: int, problem: Mapping[str, Any], headers: Headers | None = None) -> None:
        super().__init__(problem.get("detail", ""))
        self.status = status
        self.problem = dict(problem)
        self.retry_after = headers.get("Retry-After") if headers else None

    @property
    def detail(self) -> str:
        """A sentence that says what to do."""
        return plain(str(self.problem.get("detail", "")), self.kind)

    @property
    def kind(self) -> str:
        """The problem's type, such as credential-in-use."""
        return str(self.problem.get("type", "")).rpartition(":")[2]

    @property
    def fields(self) -> dict[str, str]:
        """What is wrong with each field that was sent: a conflict's detail begins with the name of its field."""
        errors = self.problem.get("errors", ())
        if not errors and (named := NAMED.fullmatch(self.detail)):
            return {named["field"]: named["told"]}
        return {str(each["field"]): plain(str(each["detail"])) for each in errors}


def ask(
    method: str, *path: str, query: Query | None = None, body: Any = None, key: str | None = None, tag: str = ""
) -> Any:
    """The API's answer to `method` /v1/`path`: decoded JSON.

    The parts of `path` need no quoting. Of `query`, None is left out. `key` is an Idempotency-Key; `tag` comes from
    `read`. Errors: RefusedError for every status of 400 and above, 412 for what is not as it was read any more.
    """
    headers = ({} if key is None else {KEY_HEADER: key}) | ({"If-Match": tag} if tag else {})
    response = _answer(method, path, query, headers, body)
    return response.get_json()


def read(*path: str) -> tuple[Any, str]:
    """A thing that is to be changed, and the tag that stands for it as it is (its ETag). Errors: RefusedError."""
    response = _answer("GET", path, None, {}, None)
    return response.get_json(), response.headers["ETag"]


def save(*path: str, body: Mapping[str, Any], tag: str) -> Any:
    """Change what `read` gave `tag` for. What is so already, as by a form that was sent twice, is no conflict.

    Errors: RefusedError, 412 when somebody else changed it meanwhile.
    """
    try:
        return ask("PATCH", *path, body=body, tag=tag)
    except RefusedError as error:
        now = ask("GET", *path) if error.status == 412 else {}
        if not now or any(now[name] != value for name, value in body.items()):
            raise
        return now


def send_file(*path: str, content: bytes, media_type: str, query: Query | None = None, key: str | None = None) -> Any:
    """The same for a POST whose body is a file."""
    return exchange_file(*path, content=content, media_type=media_type, query=query, key=key).get_json()


def exchange_file(
    *path: str, content: bytes, media_type: str, query: Query | None = None, key: str | None = None
) -> Response:
    """The same, whatever comes back: also a file, which is told this once. Errors: RefusedError."""
    headers = {"Content-Type": media_type} | ({} if key is None else {KEY_HEADER: key})
    return _answer("POST", path, query, headers, content)


def download(*path: str, query: Query | None = None) -> Response:
    """A file of the API, page by page as the API makes it. Errors: RefusedError."""
    response = _answer("GET", path, query, {}, None, buffered=False)
    kept = ("Content-Type", "Content-Disposition")
    return Response(response.response, headers={name: response.headers[name] for name in kept})


def _answer(
    method: str,
    path: tuple[str, ...],
    query: Query | None,
    headers: Mapping[str, str],
    body: Any,
    *,
    buffered: bool = True,
) -> Response:
    environ = _environ(method, path, query, headers, body)
    with current_app.app_context():  # with a `g` of its own
        response = Response(*run_wsgi_app(current_app.wsgi_app, environ, buffered))
    if response.status_code >= 400:
        raise RefusedError(response.status_code, response.get_json(), response.headers)
    return response


def _environ(
    method: str, path: tuple[str, ...], query: Query | None, headers: Mapping[str, str], body: Any
) -> dict[str, Any]:
    if not all(part.strip(".") and "/" not in part for part in path):
        raise RefusedError(404, {"detail": "There is nothing of this name."})
    sent = {name: _text(value) for name, value in (query or {}).items() if value is not None}
    is_file = isinstance(body, bytes)
    data = body if is_file or body is None else json.dumps(body).encode()
    kind = {"Content-Type": "application/json"} if body is not None and not is_file else {}
    all_headers = Headers({ID_HEADER: request_id(), **kind, **headers})
    builder = EnvironBuilder(method=method, query_string=sent, data=data, headers=all_headers)
    environ = builder.get_environ()
    environ["PATH_INFO"] = "/".join((API, *path)).encode().decode("latin-1")  # PEP 3333
    environ["REMOTE_ADDR"] = request.environ.get("REMOTE_ADDR", "")
    environ[ASKED_BY] = g.principal
    environ[SOCKET] = request.environ.get(SOCKET)  # an import gives up when the browser has gone
    return environ


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
