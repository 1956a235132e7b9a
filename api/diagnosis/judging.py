"""From facts to faults, the cause before its symptoms; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from api.diagnosis import calling, registered, registering, serving
from api.diagnosis.facts import LIVE, Facts, Region
from api.diagnosis.faults import Fault

OfRegion = Callable[[Facts, Region], Iterator[Fault]]
OfAll = Callable[[Facts], Iterator[Fault]]

SERVICE: Final[tuple[OfRegion, ...]] = (serving.stale, serving.gateway_down, serving.state)
"""Asked of every region; the others only where what is known is of now, and somebody serves."""
REGION: Final[tuple[OfRegion, ...]] = (
    serving.behind,
    registering.blocks,
    registering.refused,
    registering.silent,
    registering.gone,
    registered.nat,
    registered.mute,
    calling.refused,
    calling.channels,
    calling.rate,
    calling.emergency,
    calling.no_core,
    calling.nobody_dialled,
    calling.core_challenges,
    calling.no_answer,
)
ALL: Final[tuple[OfAll, ...]] = (
    serving.no_region,
    registering.never,
    registering.strangers,
    registered.two_addresses,
    registered.old_password,
    calling.numbers,
    serving.dns,
)
LEFT_OUT: Final[Mapping[str, str]] = {
    "method": "a PBX that sends another method is registered and calls all the same",
    "hops": "a message in a loop says nothing of the trunk",
    "route": "somebody tries to have messages relayed: no PBX of a trunk needs that",
    "dialog": "a request of a call that has ended: each restart makes some",
    "unseen": "a warning about the future: old_password says it, from the facts of now",
    "repeated": "one call, which a restart of the gateway cut off",
}
"""Causes of events that no fault is made of, and why."""


@dataclass(frozen=True)
class Judgement:
    """`works`: whether PBX and carrier reach each other, of each region and of all; None: that is not known."""

    works: bool | None
    regions: Mapping[str, bool | None]
    faults: tuple[Fault, ...]


def judge(facts: Facts) -> Judgement:
    """All that is wrong, the worst first. Where one region works, what others lack is no outage."""
    faults = [*_of_all(facts), *(fault for region in facts.regions for fault in _of(facts, region))]
    regions = {region.name: _region_works(facts, region, faults) for region in facts.regions}
    works = _works(facts, regions)
    if works:
        faults = [replace(fault, severity="degraded") if fault.severity == "down" else fault for fault in faults]
    return Judgement(works, regions, tuple(sorted(faults, key=lambda fault: fault.turn)))


def _of_all(facts: Facts) -> Iterator[Fault]:
    if not facts.credential.enabled:
        yield Fault("disabled", "down", "R2")
        return
    for find in ALL:
        yield from find(facts)


def _of(facts: Facts, region: Region) -> Iterator[Fault]:
    for find in SERVICE:
        if region.state != "out" or _is_used(region):
            yield from find(facts, region)
    if not (facts.is_heard(region) and facts.is_up(region)):
        return
    if region.state != "out" or _is_used(region):
        yield from serving.cores(facts, region)
    if facts.credential.enabled:
        for find in REGION:
            yield from find(facts, region)


def _is_used(region: Region) -> bool:
    return region.registration is not None and region.registration.is_live


def _region_works(facts: Facts, region: Region, faults: list[Fault]) -> bool | None:
    if not facts.credential.enabled:
        return False
    if not facts.is_heard(region):
        return None
    down = any(fault.severity == "down" and fault.region == region.name for fault in faults)
    known = region.registration
    return not down and facts.is_up(region) and known is not None and known.state == LIVE


def _works(facts: Facts, regions: Mapping[str, bool | None]) -> bool | None:
    if not facts.credential.enabled:
        return False
    if any(regions.values()):
        return True
    unknown = any(regions[each.name] is None for each in facts.regions if each.state != "out")
    return None if unknown else False
