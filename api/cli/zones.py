"""Zones on the command line: one domain's with `./turnpike dns`, all of them with `render`, `diff` and `check`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from api.cli.client import Client, Row
from api.cli.files import write_text


def path(domain: str, below: str = "") -> str:
    """Of a request."""
    return f"domains/{quote(domain, safe='')}" + (f"/{below}" if below else "")


def domains(client: Client, domain: str | None = None) -> list[str]:
    """The domain that was named, or the names of all."""
    return [domain] if domain else [each["name"] for each in client.get("domains")["items"]]


def stored(client: Client, folder: Path | None) -> Iterator[Row]:
    """Each domain's zone as a version, which is also written to `reg.DOMAIN.zone` of `folder`."""
    for domain in domains(client):
        zone = client.post(path(domain, "zones"), {})
        warn(zone)
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            write_text(zone["text"], str(folder / f"reg.{domain}.zone"))
        yield zone


def checked(client: Client) -> Iterator[tuple[str, str | None]]:
    """What named-checkzone says of each domain's zone of now; None when it agrees."""
    for domain in domains(client):
        zone = client.get(path(domain, "zone/check"))
        warn(zone)
        yield f"zone of {domain}", None if zone["passed"] else "; ".join(zone["lines"])


def difference(client: Client, domain: str, version: int | None = None) -> list[str]:
    """The lines of a unified diff from a stored version (the newest unless told) to the zone of now."""
    now = client.get(path(domain, "zone"))
    known = version or now["version"]
    old = client.get(path(domain, f"zones/{known}"))["text"] if known else ""
    called = f"zone of {domain} (version {known})" if known else f"zone of {domain} (nothing stored)"
    lines = difflib.unified_diff(old.splitlines(), now["text"].splitlines(), called, f"zone of {domain} (now)")
    return [line.rstrip("\n") for line in lines]


def warn(zone: dict[str, Any]) -> None:
    """A zone that is right, and not what somebody wants."""
    for warning in zone["warnings"]:
        click.echo(f"{zone['domain']}: {warning}", err=True)
