"""A judgement as the API's answer. Who is bound to a tenant learns no address of the carrier's core gateways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from api.diagnosis.advice import advice
from api.diagnosis.facts import Facts, Region, Registration
from api.diagnosis.faults import Fault
from api.diagnosis.judging import Judgement, judge
from api.diagnosis.registering import is_own_block
from api.diagnosis.verdicts import region_verdict, verdict
from api.diagnosis.wording import sentence
from api.pbxs.kinds import PLAIN, Kind, recognise
from kemi.wording import clean

Row = dict[str, Any]
REFUSED: Final = ("REGISTER", None)


def told(facts: Facts) -> Row:
    """The whole answer."""
    judgement, agent = judge(facts), latest_agent(facts)
    kind = recognise(agent)
    owned = facts.credential
    return {
        "credential": owned.id,
        "username": owned.username,
        "at": facts.now,
        "verdict": verdict(facts, judgement),
        "works": judgement.works,
        "pbx": _pbx(agent, kind),
        "findings": [_finding(facts, fault, kind) for fault in judgement.faults],
        "regions": [_region(facts, judgement, region) for region in facts.regions],
        "enabled": owned.enabled,
        "password": _password(facts),
        "numbers": {
            "routed": list(facts.numbers),
            "routed_count": facts.number_count,
            "unrouted": [asdict(each) for each in facts.unrouted],
            "unrouted_count": facts.unrouted_count,
        },
        "domains": list(facts.domains),
        "dns": [asdict(each) for each in facts.dns],
    }


def without_places(facts: Facts) -> Facts:
    """For who is bound to a tenant: nothing of core gateways, of other blocked addresses, and of whom DNS was asked."""
    regions = [
        replace(
            region,
            cores=[replace(core, place="") for core in region.cores],
            blocks=[block for block in region.blocks if block.username is not None or is_own_block(facts, block)],
        )
        for region in facts.regions
    ]
    heard = (each for each in facts.dns if each.kind != "unanswered")
    dns = dict.fromkeys(replace(each, sentence=f"In DNS: {each.fault}.") for each in heard)
    return replace(facts, regions=regions, dns=list(dns))


def latest_agent(facts: Facts) -> str | None:
    """What the PBX at hand called itself last: where it registered, else where it was refused."""
    known = [each.registration for each in facts.regions if each.registration]
    live = sorted((each for each in known if each.is_live), key=_accepted, reverse=True)
    refused = [refusal for each in facts.regions for refusal in each.refusals if refusal.method in REFUSED]
    tries = sorted(refused, key=lambda each: each.last_at, reverse=True)
    others = sorted(known, key=_accepted, reverse=True)
    agents = [each.user_agent for each in live] + [each.user_agent for each in tries]
    return next((agent for agent in (*agents, *(each.user_agent for each in others)) if agent), None)


def _accepted(known: Registration) -> datetime:
    return known.accepted_at or datetime.min  # noqa: DTZ901


def _pbx(agent: str | None, kind: Kind | None) -> Row | None:
    if agent is None:
        return None
    named = kind if kind is not PLAIN else None
    return {"kind": named.key if named else None, "name": named.name if named else None, "user_agent": clean(agent)}


def _finding(facts: Facts, fault: Fault, kind: Kind | None) -> Row:
    return {
        "code": fault.code,
        "severity": fault.severity,
        "region": fault.region,
        "rule": fault.rule,
        "sentence": sentence(facts, fault),
        "advice": advice(facts, fault, kind),
    }


def _password(facts: Facts) -> Row:
    owned = facts.credential
    versions = [known.password_version for _, known in facts.live() if known.password_version]
    return {
        "version": owned.version,
        "in_use": min(versions, default=None),
        "rotated_at": owned.rotated_at,
        "old_until": owned.old_until if owned.old_until and owned.old_until > facts.now else None,
        "seen_at": owned.seen_at,
    }


def _region(facts: Facts, judgement: Judgement, region: Region) -> Row:
    known = region.registration
    calls = region.calls
    return {
        "region": region.name,
        "verdict": region_verdict(facts, judgement, region.name),
        "works": judgement.regions[region.name],
        "state": region.state,
        "address": region.address,
        "heartbeat_at": region.heartbeat_at,
        "gateway_at": region.gateway_at,
        "behind_since": region.behind_since,
        "registration": None if known is None else _registration(facts, known),
        "refused": _refused(region),
        "blocks": [asdict(block) | {"own": is_own_block(facts, block)} for block in region.blocks],
        "calls": {
            "channels": calls.channels,
            "channels_most": facts.limits.channels,
            "last_minute": calls.last_minute,
            "refused_rate": calls.refused.get("rate", 0),
            "refused_channels": calls.refused.get("channels", 0),
        },
        "cores": _cores(region),
    }


def _registration(facts: Facts, known: Registration) -> Row:
    allowed = known.accepted_at + facts.interval if known.accepted_at else None
    left = int((known.expires_at - facts.now).total_seconds()) if known.is_live and known.expires_at else None
    return asdict(known) | {
        "contact": clean(known.contact) if known.contact else None,
        "user_agent": clean(known.user_agent) if known.user_agent else None,
        "expires_in": left,
        "next_allowed_at": allowed,
        "may_register": allowed is None or allowed <= facts.now,
    }


def _refused(region: Region) -> Row | None:
    """The last time that a registration was refused there."""
    refusal = next((each for each in region.refusals if each.method in REFUSED), None)
    if refusal is None:
        return None
    agent = clean(refusal.user_agent) if refusal.user_agent else None
    return asdict(refusal) | {"at": refusal.last_at, "user_agent": agent}


def _cores(region: Region) -> Row:
    dead: Sequence[str] = [core.place for core in region.cores if core.enabled and core.dead]
    return {
        "listed": len(region.cores),
        "enabled": sum(core.enabled for core in region.cores),
        "dead": len(dead),
        "dead_places": [place for place in dead if place],
    }
