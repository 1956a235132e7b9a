"""Zones (rules D1 and D2): domain and regions in, a zone file out (RFC 1035 section 5), the same for the same data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from api.dns.records import Place, expected_records, origin
from api.settings import ROOT
from api.templates import templates

TEMPLATES: Final = ROOT / "templates" / "dns"
TIMERS: Final = {"refresh": 300, "retry": 60, "expire": 1_209_600}
"""Seconds: when a secondary server looks for a new serial, tries again, and gives up (RFC 1912 section 2.2)."""
SERIALS: Final = 2**32
NOBODY: Final = "No region is in service: the zone has no SRV record, and PBXs find no region through it."

Domain = Mapping[str, Any]
"""A domain's row: name, name_servers, hostmaster, ttl."""


def render_zone(domain: Domain, places: Sequence[Place], serial: int) -> str:
    """The zone file of `reg.<domain>`. Errors: jinja2.TemplateError."""
    about = {"serial": serial, "mailbox": mailbox(domain["hostmaster"]), "name_servers": domain["name_servers"]}
    return _rendered("zone.j2", domain, places, origin(domain["name"]), TIMERS | about)


def render_records(domain: Domain, places: Sequence[Place]) -> str:
    """The same records for the zone of the domain itself, without SOA and NS. Errors: jinja2.TemplateError."""
    return _rendered("records.j2", domain, places, domain["name"], {})


def digest_of(domain: Domain, places: Sequence[Place]) -> str:
    """What tells whether anything but the serial differs: SHA-256 of the zone with the serial 0, in hexadecimal."""
    return sha256(render_zone(domain, places, 0).encode()).hexdigest()


def next_serial(previous: int | None, now: int) -> int:
    """The serial of a new version: `now` (epoch seconds), and in any case behind the one before."""
    return now % SERIALS if previous is None else max(previous + 1, now) % SERIALS


def warnings_of(places: Sequence[Place]) -> list[str]:
    """What an operator should know of a zone that is nevertheless right."""
    return [] if any(place["state"] == "in-service" for place in places) else [NOBODY]


def mailbox(address: str) -> str:
    """An e-mail address as an SOA record names it: dots of its local part are escaped (RFC 1035 section 8)."""
    local, _, host = address.rpartition("@")
    return f"{local.replace('.', chr(92) + '.')}.{host}"


def _rendered(template: str, domain: Domain, places: Sequence[Place], base: str, more: dict[str, Any]) -> str:
    """Owners of records are written as seen from `base`."""
    records = [
        {"owner": record.name.removesuffix(f".{base}"), "kind": record.kind, "data": record.data}
        for record in expected_records(domain["name"], places)
    ]
    about = {"domain": domain["name"], "origin": origin(domain["name"]), "ttl": domain["ttl"], "records": records}
    return templates(TEMPLATES).get_template(template).render(about | more)
