"""What may be wrong with a trunk although it is registered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from typing import Final

from api.diagnosis.facts import LIVE, Facts, Region
from api.diagnosis.faults import Fault, Severity

SOON: Final = timedelta(days=1)
MUTE_AFTER: Final = timedelta(minutes=2)
HOST: Final = re.compile(r"sips?:(?:[^@]*@)?(\[[0-9A-Fa-f:.]+\]|[^:;?>]+)", re.IGNORECASE)


def contact_host(contact: str | None) -> str | None:
    """The host that a Contact names, if it is an address (RFC 3261 section 19.1.1)."""
    match = HOST.match(contact or "")
    try:
        return None if match is None else str(ip_address(match[1].strip("[]")))
    except ValueError:
        return None


def nat(_facts: Facts, region: Region) -> Iterator[Fault]:
    """R7: the PBX names another address than the one that its packets come from."""
    known = region.registration
    host = contact_host(known.contact) if known is not None and known.is_live else None
    if known is not None and host is not None and host != known.address:
        yield Fault("nat", "notice", "R7", region.name, {"registration": known, "host": host})


def mute(facts: Facts, region: Region) -> Iterator[Fault]:
    """R7: a PBX that has never answered OPTIONS may not be reached by calls either."""
    known = region.registration
    if known is None or known.state != LIVE or known.keepalive != 0 or known.since is None:
        return
    if facts.now - known.since > MUTE_AFTER:
        yield Fault("mute", "notice", "R7", region.name, {"registration": known})


def two_addresses(facts: Facts) -> Iterator[Fault]:
    """R6: regions that did not know of each other let two PBXs in."""
    places = {known.address: region.name for region, known in facts.live() if known.state == LIVE and known.address}
    if len(places) > 1:
        yield Fault("two_addresses", "degraded", "R6", None, {"places": places})


def old_password(facts: Facts) -> Iterator[Fault]:
    """C4: the PBX still uses the old one, which ends."""
    owned = facts.credential
    if owned.old_until is None or owned.old_until <= facts.now:
        return
    versions = {region.name: known.password_version for region, known in facts.live()}
    behind = sorted(name for name, version in versions.items() if version is not None and version < owned.version)
    if not behind and owned.seen_at is not None:
        return
    severity: Severity = "degraded" if owned.old_until - facts.now <= SOON else "notice"
    yield Fault("old_password", severity, "C4", None, {"until": owned.old_until, "regions": behind})
