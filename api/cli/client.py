"""The HTTP API as the command line uses it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import uuid4

import click
import httpx

from api.settings import Settings

TIMEOUT: Final = 30
"""Seconds."""
FILE_TIMEOUT: Final = 120
"""Seconds without a word, where a request may hold ten thousand rows."""
ROWS_A_PAGE: Final = 500
COPIED_BY: Final = "Idempotency-Key"
ANSWER_LOST: Final = (
    httpx.ReadError,
    httpx.ReadTimeout,
    httpx.WriteError,
    httpx.WriteTimeout,
    httpx.CloseError,
    httpx.RemoteProtocolError,
)
"""What may happen after the API has got a request, and perhaps carried it out."""

Row = dict[str, Any]


class RefusedError(click.ClickException):
    """The API refused: `errors` names what is wrong."""

    def __init__(self, detail: str, errors: Sequence[Row] = ()) -> None:
        super().__init__(detail)
        self.errors = errors


@dataclass(frozen=True)
class Client:
    """One instance's API. Every error of its methods is a click.ClickException: one line that says what to do."""

    url: str
    key: str
    _tags: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def get(self, path: str, **query: Any) -> Row:
        """One document."""
        return self._send("GET", path, params={name: value for name, value in query.items() if value is not None})

    def read(self, path: str) -> Row:
        """One thing that is to be changed: `patch` and `delete` of it fail when somebody else was faster (If-Match)."""
        response = self._ask("GET", path)
        self._tags[path] = response.headers.get("ETag", "*")
        return _document(response)

    def rows(self, path: str, most: int | None = None, **query: Any) -> Iterator[Row]:
        """The rows of a list, page by page, at most `most`."""
        left = most
        while left is None or left > 0:
            page = self.get(path, limit=min(left or ROWS_A_PAGE, ROWS_A_PAGE), **query)
            yield from page["items"]
            left = None if left is None else left - len(page["items"])
            if page.get("next") is None:
                return
            query["after"] = page["next"]

    def post(self, path: str, body: Mapping[str, Any]) -> Row:
        """What the API made."""
        return self._send("POST", path, _copied(), json=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Row:
        """What the API changed."""
        return self._send("PATCH", path, self._as_read(path), json=body)

    def delete(self, path: str, **query: Any) -> Row:
        """What the API took away."""
        return self._send("DELETE", path, self._as_read(path), params=query)

    @contextmanager
    def sending(
        self, path: str, headers: Mapping[str, str], parts: Iterable[bytes], length: int
    ) -> Iterator[httpx.Response]:
        """The answer, whose body is yet to come, to a CSV file of `length` bytes that is sent part by part."""
        sent = {"Content-Type": "text/csv", "Content-Length": str(length), **headers}
        with self._streamed("POST", path, sent, content=parts) as answer:
            yield answer

    def download(self, path: str, **query: Any) -> Iterator[bytes]:
        """A CSV file, as it comes."""
        params = {name: value for name, value in query.items() if value is not None}
        with self._streamed("GET", path, params=params) as answer:
            yield from answer.iter_bytes()

    @contextmanager
    def _streamed(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any
    ) -> Iterator[httpx.Response]:
        with (
            self._failures(),
            httpx.stream(method, **self._request(path, headers), timeout=FILE_TIMEOUT, **content) as answer,
        ):
            if not answer.is_success:
                answer.read()
                _document(answer)
            yield answer

    def _as_read(self, path: str) -> dict[str, str]:
        return {"If-Match": self._tags[path]} if path in self._tags else {}

    def _send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any) -> Row:
        return _document(self._ask(method, path, headers, **content))

    def _ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **content: Any) -> httpx.Response:
        """A request whose answer is lost is sent once more if it has a key by which the API knows its copy."""
        request: dict[str, Any] = {"method": method, "timeout": TIMEOUT} | self._request(path, headers) | content
        with self._failures():
            try:
                return httpx.request(**request)
            except ANSWER_LOST:
                if COPIED_BY not in request["headers"]:
                    raise
                return httpx.request(**request)

    def _request(self, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        own = {"Authorization": f"Bearer {self.key}"} | dict(headers or {})
        return {"url": f"{self.url}/v1/{path}", "headers": own, "trust_env": False}

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except httpx.InvalidURL as error:
            raise click.ClickException(f"{self.url} is no URL: correct TURNPIKE_API_URL") from error
        except httpx.RemoteProtocolError as error:
            raise click.ClickException(
                "the API broke off: its log tells why (./turnpike logs api); try again"
            ) from error
        except httpx.HTTPError as error:
            raise click.ClickException(
                f"the API does not answer at {self.url}: start the service (./turnpike up), or correct TURNPIKE_API_URL"
            ) from error


def connect() -> Client:
    """The API that TURNPIKE_API_URL and TURNPIKE_API_KEY name, else that of this machine's instance.

    Errors: SettingsError; click.ClickException when there is no key, or none that a header can hold.
    """
    url, key = os.environ.get("TURNPIKE_API_URL"), os.environ.get("TURNPIKE_API_KEY")
    if key and not (key.isascii() and key.isprintable()):
        raise click.ClickException("TURNPIKE_API_KEY holds no key: correct it")
    if url and key:
        return Client(url.rstrip("/"), key)
    settings = Settings.load()
    return Client(
        (url or f"http://{settings.api_address}:{settings.api_port}").rstrip("/"), key or _administrators_key(settings)
    )


def _administrators_key(settings: Settings) -> str:
    file = settings.home / "secrets" / "admin.key"
    try:
        return file.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        if not settings.control:
            raise click.ClickException(
                "this host runs regions only: use the control host, or set TURNPIKE_API_URL and TURNPIKE_API_KEY"
            ) from error
        raise click.ClickException(f"there is no key in {file}: start the service once (./turnpike up)") from error
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file} cannot be read: run this as the user that started the service") from error


def _copied() -> dict[str, str]:
    return {COPIED_BY: str(uuid4())}


def _document(response: httpx.Response) -> Row:
    try:
        document = response.json()
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{response.url} is not this service's API: correct TURNPIKE_API_URL") from error
    if response.is_success and isinstance(document, dict):
        return document
    detail = document.get("detail") if isinstance(document, dict) else None
    errors = document.get("errors", ()) if isinstance(document, dict) else ()
    raise RefusedError(" ".join(str(detail or f"the API answered {response.status_code}").split()), errors)
