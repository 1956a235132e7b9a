"""Where the demonstration may be played: on which instance, and at which addresses of this machine."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import click

from api.cli.client import Client
from api.demo.customer import left_behind
from api.settings import SIP_PORT

REGIONS: Final = 2
"""So many the story needs."""


@dataclass(frozen=True)
class Region:
    """A region's gateway."""

    name: str
    address: str

    @property
    def peer(self) -> str:
        """As messages name it."""
        return f"{self.address}:{SIP_PORT}"


def regions_for(client: Client) -> tuple[Region, ...]:
    """The two regions of an instance on which the demonstration disturbs nobody.

    Errors: click.ClickException: one line that says what is in the way, and what to do about it.
    """
    rows = client.get("regions")["items"]
    for problem in (_of_regions(rows), _of_cores(client)):
        if problem:
            raise click.ClickException(problem)
    return tuple(Region(row["name"], row["address"]) for row in rows[:REGIONS])


def _of_regions(rows: Sequence[dict[str, Any]]) -> str | None:
    if len(rows) < REGIONS:
        return f"the demonstration needs two regions; this instance has {len(rows)}"
    for row in rows[:REGIONS]:
        if not row["ready"]:
            return f"region {row['name']} is not ready: ./turnpike status says why"
        if row["test_limits"]:
            return "this instance has TEST LIMITS, and the demonstration shows those that ship: take another instance"
        if not _can_be_bound(row["address"], 0):
            return (
                f"region {row['name']} is at {row['address']}, which is no address of this machine: "
                "run the demonstration where the service runs"
            )
    return None


def _of_cores(client: Client) -> str | None:
    """Calls of the demonstration must not reach the carrier, nor his customers' calls the demonstration."""
    if accounts := left_behind(client):
        return (
            f"another demonstration runs on this instance, or was killed ({', '.join(accounts)}): "
            "wait for its end, or remove what it left with ./turnpike demo --clean"
        )
    own = [f"{row['address']} ({row['region']})" for row in client.get("cores")["items"] if row["enabled"]]
    if own:
        return (
            f"this instance sends calls to core gateways of its own, {', '.join(own)}: the demonstration's calls would "
            "reach them, and real calls the demonstration. Disable them (./turnpike core disable) as long as it runs, "
            "or take another instance"
        )
    return None


def free_address(taken: Sequence[str] = ()) -> str:
    """A loopback address that nobody uses. Gateways on this machine reach it, whatever their own address is."""
    while True:
        address = ".".join(str(part) for part in (127, 64 + secrets.randbelow(64), *_ends()))
        if address not in taken and _can_be_bound(address, SIP_PORT):
            return address


def _ends() -> tuple[int, int]:
    return secrets.randbelow(256), 1 + secrets.randbelow(254)


def _can_be_bound(address: str, port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True
