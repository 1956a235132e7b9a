"""What a carrier's people should look at first: sentences, each with the page where something can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.portal.health import health_of

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Finding:
    """`kind` is a state's: bad, warn, info. `link` says what is found at `endpoint`."""

    kind: str
    text: str
    link: str
    endpoint: str
    parts: Mapping[str, str] = field(default_factory=dict)


def findings(regions: Sequence[Row], blocks: str, warned: int) -> list[Finding]:
    """The worst first. `blocks`: how many blocks there are, "" for none; `warned`: credentials with warnings.

    Of a region `has_core` says whether calls of its PBXs go anywhere.
    """
    found = [*_service(regions), *(each for region in regions for each in _region(region))]
    if blocks:
        found.append(_blocks(blocks))
    if warned:
        found.append(_warned(warned))
    if any(region["test_limits"] for region in regions):
        text = "TEST LIMITS: the hard limits of this instance were changed for tests."
        found.append(Finding("warn", text, "Regions", "portal.regions.index"))
    return sorted(found, key=lambda each: ("bad", "warn", "info").index(each.kind))


def behind_by(region: Row) -> int:
    """How many changes a region has not applied yet; all of them when it never reported."""
    return int(region["change"]) - int(region["applied_change"] or 0)


def _service(regions: Sequence[Row]) -> Iterable[Finding]:
    if not any(region["state"] == "in-service" for region in regions):
        text = "No region is in service: PBXs that look up SRV records find nothing (rule D1)."
        yield Finding("bad", text, "Regions", "portal.regions.index")


def _region(region: Row) -> Iterable[Finding]:
    name = region["name"]
    if region["state"] == "out":
        if region["ready"]:
            yield _of(region, "info", f"{name} is out of service, and ready to be taken in.")
        return
    if region["state"] == "draining":
        yield _of(region, "info", f"{name} is draining: no SRV record leads there (rule D2).")
    if not region["ready"]:
        yield _of(region, "bad", f"{name} is not ready. {health_of(region).sentence}")
    elif behind := behind_by(region):
        yield _of(region, "warn", f"{name} is {behind} {'change' if behind == 1 else 'changes'} behind.")
    if not region["has_core"]:
        text = f"{name} has no core gateway to send calls to: its PBXs get 503 for each call (rule O6)."
        yield Finding("warn", text, "Core gateways", "portal.cores.index")
    for core in region["dead_cores"] or ():
        text = f"The core gateway {core} does not answer {name}: calls go to the others (rule O6)."
        yield Finding("bad", text, "Core gateways", "portal.cores.index")


def _of(region: Row, kind: str, text: str) -> Finding:
    return Finding(kind, text, f"Region {region['name']}", "portal.regions.one", {"name": region["name"]})


def _blocks(count: str) -> Finding:
    text = "One block is active." if count == "1" else f"{count} blocks are active."
    return Finding("info", text, "Blocks", "portal.blocks.index")


def _warned(count: int) -> Finding:
    they = "One credential has" if count == 1 else f"{count} credentials have"
    text = f"{they} a new password that was never used, and the old one ends within a day (rule C4)."
    return Finding("warn", text, "Credentials", "portal.credentials.index", {"grace": "true"})
