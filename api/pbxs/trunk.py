"""What the settings of a PBX are made of: one credential, one domain, the regions in service."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

IN_SERVICE: Final = "in-service"
PLACEHOLDER: Final = "ENTER-THE-PASSWORD-HERE"
"""In place of a password that was shown once and is not known any more (rule C2)."""
HARMLESS: Final = re.compile("[A-Za-z0-9.-]{1,253}")
"""Of such texts no format makes anything else: names of hosts, addresses, usernames and passwords have no others."""


@dataclass(frozen=True)
class Place:
    """A region as a PBX finds it: `host` is its name below the domain, or its address where there is no domain."""

    name: str
    host: str


@dataclass(frozen=True)
class Trunk:
    """What one PBX needs. `server` is the name with SRV records (rule D1), None without a domain."""

    username: str
    password: str
    domain: str | None
    server: str | None
    places: tuple[Place, ...]

    def __post_init__(self) -> None:
        texts = [self.username, self.password, self.domain, self.server]
        texts += [part for place in self.places for part in (place.name, place.host)]
        if not all(
            text is None or HARMLESS.fullmatch(text) for text in texts
        ):  # which one is not said: a password, maybe
            raise ValueError("a name, an address or a password cannot stand in the settings of a PBX")

    @property
    def known(self) -> bool:
        """Whether the password is among them."""
        return self.password != PLACEHOLDER


def trunk(username: str, password: str | None, domain: str | None, regions: Sequence[Mapping[str, Any]]) -> Trunk:
    """`regions` are rows with name, address and state; those that are draining or out are left out (rule D2).

    Errors: ValueError for a text that a file of settings cannot hold.
    """
    server = None if domain is None else f"reg.{domain}"
    serving = sorted((row for row in regions if row["state"] == IN_SERVICE), key=lambda row: str(row["name"]))
    places = tuple(
        Place(row["name"], row["address"] if server is None else f"{row['name']}.{server}") for row in serving
    )
    return Trunk(username, password or PLACEHOLDER, domain, server, places)
