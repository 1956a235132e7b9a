"""Why calls fail while the PBX is registered: out (rules O) and in (rules I)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from api.diagnosis.facts import Facts, Refusal, Region
from api.diagnosis.faults import Fault
from api.diagnosis.registering import is_own

LATELY: Final = timedelta(minutes=15)
FEW: Final = 2
"""Calls in a row that the PBX says nothing to: one may be a restart."""
RULES: Final = {"rate": "O2", "channels": "O3", "emergency": "O4", "no_core": "O6"}
REFUSED: Final = {"elsewhere": "elsewhere", "password": "call_password", "phone": "call_phone"}
"""Causes of refused calls, and what they are called here."""


def channels(facts: Facts, region: Region) -> Iterator[Fault]:
    """O3: all are taken, or were lately."""
    full = region.calls.channels >= facts.limits.channels
    if full or "channels" in region.calls.recently:
        yield _counted("channels", region, full=full, most=facts.limits.channels)


def rate(_facts: Facts, region: Region) -> Iterator[Fault]:
    """O2."""
    if "rate" in region.calls.recently:
        yield _counted("rate", region)


def emergency(_facts: Facts, region: Region) -> Iterator[Fault]:
    """O4."""
    if "emergency" in region.calls.recently:
        yield _counted("emergency", region)


def no_core(_facts: Facts, region: Region) -> Iterator[Fault]:
    """O6: a core that answers its probes may still refuse calls."""
    if "no_core" in region.calls.recently and any(core.enabled and not core.dead for core in region.cores):
        yield _counted("no_core", region)


def nobody_dialled(_facts: Facts, region: Region) -> Iterator[Fault]:
    """An INVITE without a number."""
    if count := region.calls.recently.get("nobody_dialled"):
        yield Fault("nobody_dialled", "notice", "O6", region.name, {"count": count})


def core_challenges(_facts: Facts, region: Region) -> Iterator[Fault]:
    """O6: a core asks the gateway for a password."""
    if count := region.calls.challenged:
        yield Fault("core_challenges", "degraded", "O6", region.name, {"count": count})


def refused(facts: Facts, region: Region) -> Iterator[Fault]:
    """O1, R2 and R3: calls from another address, with a wrong password, or from a phone."""
    for refusal in region.refusals:
        if refusal.method == "INVITE" and refusal.cause in REFUSED and _counts(facts, region, refusal):
            yield Fault(REFUSED[refusal.cause], "degraded", refusal.rule, region.name, {"refusal": refusal})
            return


def _counts(facts: Facts, region: Region, refusal: Refusal) -> bool:
    """Lately, by the PBX; where nobody is registered at all, that is what is wrong."""
    if facts.now - refusal.last_at > LATELY or not facts.live():
        return False
    moved = {known.address for _, known in facts.live()}
    if refusal.cause == "elsewhere":
        return refusal.address not in moved
    return is_own(facts, refusal) and (region.registration is None or region.registration.is_live)


def no_answer(_facts: Facts, region: Region) -> Iterator[Fault]:
    """I3: the PBX is registered, and says nothing to calls."""
    known = region.registration
    if region.calls.unanswered >= FEW and known is not None and known.is_live:
        details = {"count": region.calls.unanswered, "registration": known}
        yield Fault("no_answer", "degraded", "I3", region.name, details)


def numbers(facts: Facts) -> Iterator[Fault]:
    """I2: numbers of the tenant that ring nobody."""
    called = [each for each in facts.unrouted if each.refused]
    if called:
        yield Fault("no_route", "degraded", "I2", None, {"numbers": called})
    elif facts.unrouted and not facts.number_count:
        yield Fault("unrouted", "notice", "I2", None, {"count": facts.unrouted_count})


def _counted(cause: str, region: Region, **more: object) -> Fault:
    details = {"count": region.calls.recently.get(cause, 0), "in_hour": region.calls.refused.get(cause, 0), **more}
    return Fault(cause, "degraded", RULES[cause], region.name, details)
