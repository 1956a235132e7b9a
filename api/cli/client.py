"""The HTTP API as the command line uses it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import click
import httpx

from api.settings import Settings

TIMEOUT: Final = 30
"""Seconds."""
ROWS_A_PAGE: Final = 500

Row = dict[str, Any]


@dataclass(frozen=True)
class Client:
    """One instance's API. Every error of its methods is a click.ClickException: one line that says what to do."""

    url: str
    key: str

    def get(self, path: str, **query: Any) -> Row:
        """One document."""
        return self._send("GET", path, params={name: value for name, value in query.items() if value is not None})

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
        return self._send("POST", path, json=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Row:
        """What the API changed."""
        return self._send("PATCH", path, json=body)

    def delete(self, path: str) -> Row:
        """What the API took away."""
        return self._send("DELETE", path)

    def _send(self, method: str, path: str, **content: Any) -> Row:
        headers = {"Authorization": f"Bearer {self.key}"}
        try:
            response = httpx.request(
                method, f"{self.url}/v1/{path}", headers=headers, timeout=TIMEOUT, trust_env=False, **content
            )
        except httpx.InvalidURL as error:
            raise click.ClickException(f"{self.url} is no URL: correct TURNPIKE_API_URL") from error
        except httpx.HTTPError as error:
            raise click.ClickException(
                f"the API does not answer at {self.url}: start the service (./turnpike up), or correct TURNPIKE_API_URL"
            ) from error
        return _document(response)


def connect() -> Client:
    """The API that TURNPIKE_API_URL and TURNPIKE_API_KEY name, else that of this machine's instance.

    Errors: SettingsError; click.ClickException when there is no key.
    """
    url, key = os.environ.get("TURNPIKE_API_URL"), os.environ.get("TURNPIKE_API_KEY")
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
        raise click.ClickException(f"there is no key in {file}: start the service once (./turnpike up)") from error
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{file} cannot be read: run this as the user that started the service") from error


def _document(response: httpx.Response) -> Row:
    try:
        document = response.json()
    except json.JSONDecodeError as error:
        raise click.ClickException(f"{response.url} is not this service's API: correct TURNPIKE_API_URL") from error
    if response.is_success and isinstance(document, dict):
        return document
    detail = document.get("detail") if isinstance(document, dict) else None
    raise click.ClickException(" ".join(str(detail or f"the API answered {response.status_code}").split()))
