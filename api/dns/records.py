"""What DNS should say of a domain (rules D1 and D2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

PORT: Final = 5060
"""Rule W1."""
PRIORITY: Final = 10
WEIGHT: Final = 10
"""The same for every region, so that PBXs spread over them (RFC 2782)."""

Place = Mapping[str, Any]
"""A region: name, address, state."""


class Record(NamedTuple):
    """One record: owner without the final dot, type, and data as a zone file writes it; `region` is whom it is of."""

    name: str
    kind: str
    data: str
    region: str


def origin(domain: str) -> str:
    """The zone of `domain`: the name that PBXs use."""
    return f"reg.{domain}"


def service_name(domain: str) -> str:
    """Where the SRV records are."""
    return f"_sip._udp.{origin(domain)}"


def host_name(region: str, domain: str) -> str:
    """Where a region's A record is."""
    return f"{region}.{origin(domain)}"


def service_record(domain: str, region: str) -> Record:
    """The SRV record of a region in service."""
    data = f"{PRIORITY} {WEIGHT} {PORT} {host_name(region, domain)}."
    return Record(service_name(domain), "SRV", data, region)


def expected_records(domain: str, places: Sequence[Place]) -> list[Record]:
    """All that should be there: SRV records of regions in service, then the addresses of those and of draining ones."""
    ordered = sorted(places, key=lambda place: str(place["name"]))
    services = [service_record(domain, place["name"]) for place in ordered if place["state"] == "in-service"]
    hosts = [
        Record(host_name(place["name"], domain), "A", place["address"], place["name"])
        for place in ordered
        if place["state"] != "out"
    ]
    return services + hosts
