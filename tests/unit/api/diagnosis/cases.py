"""A healthy trunk, and what can be changed about it."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from api.diagnosis.facts import LIVE, Core, Facts, Owned, Refusal, Region, Registration
from api.limits import LimitSettings

NOW = datetime.fromisoformat("2026-01-31T14:00:00")
PBX, OTHER = "192.0.2.7", "203.0.113.9"


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


def registration(**changes: Any) -> Registration:
    known = Registration(
        LIVE,
        accepted_at=ago(seconds=100),
        address=PBX,
        port=5062,
        contact=f"sip:trunk@{PBX}:5062",
        user_agent="Asterisk PBX 20.5.0",
        since=ago(hours=5),
        expires_at=NOW + timedelta(seconds=200),
        password_version=1,
        keepalive=1,
    )
    return replace(known, **changes)


def region(name: str = "nw1", **changes: Any) -> Region:
    known = Region(
        name,
        "192.0.2.1",
        heartbeat_at=ago(seconds=1),
        gateway_at=ago(seconds=1),
        registration=registration(),
        cores=[Core("192.0.2.200:5060", enabled=True, dead=False)],
    )
    return replace(known, **changes)


def owned(**changes: Any) -> Owned:
    known = Owned("cr-1", "k3v8", "acme", True, 1, None, None, {(1, "nw1"): ago(days=9)})
    return replace(known, **changes)


def trunk(*regions: Region, **changes: Any) -> Facts:
    """Registered in both regions unless told otherwise."""
    both = regions or (region("nw1"), region("se1"))
    return replace(Facts(NOW, LimitSettings(), owned(), both), **changes)


def refusal(cause: str, rule: str = "R2", **changes: Any) -> Refusal:
    """A minute ago, of a REGISTER of the PBX, unproven."""
    known = Refusal("nw1", ago(seconds=60), rule, cause, f"Because of {cause}.", address=PBX, method="REGISTER")
    return replace(known, **changes)


def down(*refusals: Refusal, **changes: Any) -> Facts:
    """Registered nowhere, and refused in nw1."""
    return trunk(region("nw1", registration=None, refusals=refusals), region("se1", registration=None), **changes)
