"""What is wrong with the service itself as this trunk meets it: regions, core gateways, names in DNS."""

from __future__ import annotations

from collections.abc import Iterator

from api.diagnosis.facts import SILENCE, Facts, Region
from api.diagnosis.faults import Fault


def stale(facts: Facts, region: Region) -> Iterator[Fault]:
    """The region's agent is silent: what is known of the region is as of then."""
    if not facts.is_heard(region):
        yield Fault("stale", "down", "F1", region.name, {"heard_at": region.heartbeat_at})


def no_region(facts: Facts) -> Iterator[Fault]:
    """D2: there is nowhere to register."""
    if all(region.state == "out" for region in facts.regions):
        yield Fault("no_region", "down", "D2")


def gateway_down(facts: Facts, region: Region) -> Iterator[Fault]:
    """Its agent lives, its gateway does not."""
    if facts.is_heard(region) and not facts.is_up(region):
        yield Fault("gateway_down", "down", "F1", region.name, {"gateway_at": region.gateway_at})


def behind(facts: Facts, region: Region) -> Iterator[Fault]:
    """C5: a change that was made is not in force there yet."""
    if region.behind_since is not None and facts.now - region.behind_since > SILENCE:
        yield Fault("behind", "degraded", "C5", region.name, {"since": region.behind_since})


def cores(_facts: Facts, region: Region) -> Iterator[Fault]:
    """O6: calls out have nowhere to go, or fewer places than there are."""
    wanted = [core for core in region.cores if core.enabled]
    dead = [core for core in wanted if core.dead]
    details = {"places": [core.place for core in dead if core.place]}
    if not region.cores:
        yield Fault("cores_missing", "down", "O6", region.name)
    elif not wanted:
        yield Fault("cores_disabled", "down", "O6", region.name)
    elif len(dead) == len(wanted):
        yield Fault("cores_dead", "down", "O6", region.name, details)
    elif dead:
        yield Fault("core_dead", "notice", "O6", region.name, details)


def state(_facts: Facts, region: Region) -> Iterator[Fault]:
    """D2: a PBX is registered where it should not be for long."""
    known = region.registration
    if known is not None and known.is_live and region.state in ("draining", "out"):
        yield Fault(region.state, "notice", "D2", region.name)


def dns(facts: Facts) -> Iterator[Fault]:
    """D1 and D2: a region that PBXs do not find; a resolver without an answer is no fault of the trunk."""
    for difference in facts.dns:
        details = {"difference": difference}
        if difference.kind == "unanswered":
            yield Fault("dns_unanswered", "notice", "D1", None, details)
        elif difference.kind in ("missing", "wrong") and (difference.region or difference.expected == "a zone"):
            yield Fault("dns", "degraded", "D1", difference.region, details)
        else:
            yield Fault("dns_other", "notice", "D1", difference.region, details)
