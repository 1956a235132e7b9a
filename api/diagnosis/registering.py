"""Why a PBX is not registered in a region: one function a fault, from facts to a fault or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from api.diagnosis.facts import ENDED, SILENT, Blocked, Facts, Refusal, Region, Registration
from api.diagnosis.faults import Fault, Severity

ONGOING: Final = timedelta(minutes=15)
"""Who was refused while another PBX is registered, and has not come for so long, has given up."""
LATELY: Final = timedelta(hours=1)
BLOCKS: Final = {
    "wrong_passwords": "password",
    "guessing": "password",
    "blocked_early": "early",
    "blocked_streak": "early",
    "flood": "flood",
}
"""Causes of blocks, and what is still to be mended when the block is over."""
EVERYWHERE: Final = ("password", "mismatch", "phone", "scanner", "malformed", "disabled", "withdrawn")
"""Causes that lie in the PBX or the credential, not in a region."""
BECAME: Final = "disabled"


def blocks(facts: Facts, region: Region) -> Iterator[Fault]:
    """B1 to B3: those of the PBX's own address."""
    for block in region.blocks:
        if is_own_block(facts, block):
            yield Fault(block.cause, _blocked(region, block), block.rule, region.name, {"block": block})


def _blocked(region: Region, block: Blocked) -> Severity:
    """B3: who is bound at an address that is blocked as a whole passes, at a bounded rate."""
    known = region.registration
    bound = known is not None and known.is_live and known.address == block.address
    return "notice" if block.username is None and bound else "down"


def is_own_block(facts: Facts, block: Blocked) -> bool:
    """Whether it keeps the PBX out, and not a stranger who used its name, or a whole address that is not the PBX's."""
    known = facts.addresses()
    if block.address in known:
        return True
    return not facts.live() and (block.username is not None or not known)


def refused(facts: Facts, region: Region) -> Iterator[Fault]:
    """The last refusal, if nothing was accepted since."""
    if any(is_own_block(facts, block) for block in region.blocks):
        return
    refusal = standing(facts, region)
    if refusal is None:
        return
    known = region.registration
    mild = (known is not None and known.is_live) or (refusal.cause == "second_pbx" and facts.live())
    severity: Severity = "degraded" if mild else "down"
    yield Fault(_code(facts, refusal), severity, refusal.rule, region.name, {"refusal": refusal})


def _code(facts: Facts, refusal: Refusal) -> str:
    cause = root(refusal)
    return CODES[cause](facts, refusal) if cause in CODES else cause


def root(refusal: Refusal) -> str:
    """What is to be mended: of a block, what led to it."""
    cause = str(refusal.data.get("cause", "")) if refusal.cause == "blocked" else refusal.cause
    return BLOCKS.get(cause, cause)


def standing(facts: Facts, region: Region) -> Refusal | None:
    """The newest refusal of a registration of this PBX that nothing has made good since."""
    for refusal in region.refusals:
        judged = refusal.method in ("REGISTER", None) and root(refusal) in JUDGED
        if judged and is_own(facts, refusal) and not is_over(facts, region, refusal):
            return refusal
    return None


def is_own(facts: Facts, refusal: Refusal) -> bool:
    """Whether it was the PBX: it proved its password, came from its address, or nobody else is there."""
    return refusal.proven or refusal.address in facts.addresses() or not facts.live()


def is_over(facts: Facts, region: Region, refusal: Refusal) -> bool:
    """Whether the PBX was accepted after it."""
    if not facts.live() and facts.was_accepted_after(refusal.last_at):
        return True
    if refusal.cause == "second_pbx":
        came = {known.address for _, known in facts.live() if known.accepted_at and known.accepted_at > refusal.last_at}
        given_up = bool(facts.live()) and facts.now - refusal.last_at > ONGOING
        return refusal.address in came or given_up
    own = region.registration
    if own is not None and own.accepted_at is not None and own.accepted_at > refusal.last_at:
        return True
    return root(refusal) in EVERYWHERE and any(
        known.since is not None and known.since > refusal.last_at for _, known in facts.live()
    )


def _password(facts: Facts, refusal: Refusal) -> str:
    """A PBX that has an old password, or a wrong one."""
    owned = facts.credential
    if owned.rotated_at is None or owned.rotated_at > refusal.last_at or owned.seen_at is not None:
        return "password"
    versions = [each.registration.password_version for each in facts.regions if each.registration]
    return (
        "rotated" if owned.was_seen or any(version and version < owned.version for version in versions) else "password"
    )


def _withdrawn(_facts: Facts, refusal: Refusal) -> str:
    return "was_disabled" if refusal.data.get("reason") == BECAME else "rotated"


CODES: Final[dict[str, Callable[[Facts, Refusal], str]]] = {
    "password": _password,
    "withdrawn": _withdrawn,
    "disabled": lambda _facts, _refusal: "was_disabled",
}
JUDGED: Final = (
    "password", "mismatch", "phone", "scanner", "malformed", "second_pbx", "race_lost", "removed", "disabled",
    "withdrawn", "early", "no_snapshot", "flood",
)  # fmt: skip
"""What a refused registration can end in."""


def silent(_facts: Facts, region: Region) -> Iterator[Fault]:
    """R6: a PBX that used to answer keep-alives has stopped."""
    known = region.registration
    if known is not None and known.state == SILENT:
        yield Fault("silent", "down", "R6", region.name, {"registration": known})


def gone(facts: Facts, region: Region) -> Iterator[Fault]:
    """Not registered, and nobody was refused: the PBX has left, fallen silent, or never came here."""
    known = region.registration
    if (known is not None and known.is_live) or _is_explained(facts, region):
        return
    elsewhere = [each.name for each, _ in facts.live()]
    if elsewhere and region.state != "in-service":
        return
    severity: Severity = "degraded" if elsewhere else "down"
    details: dict[str, Any] = {"registration": known, "elsewhere": elsewhere}
    if known is not None:
        yield Fault(_ending(known), severity, "R5", region.name, details)
    elif elsewhere:
        yield Fault("one_region", "degraded", "D1", region.name, details)


def _ending(known: Registration) -> str:
    return "left" if known.state == ENDED else "expired"


def _is_explained(facts: Facts, region: Region) -> bool:
    return any(is_own_block(facts, block) for block in region.blocks) or standing(facts, region) is not None


def never(facts: Facts) -> Iterator[Fault]:
    """No region knows of any registration, and none was refused; or only one does that has been taken away since."""
    if not all(facts.is_heard(each) for each in facts.regions if each.state != "out"):
        return
    known = [each for each in facts.regions if each.registration or _is_explained(facts, each)]
    if not all(_is_taken_away(facts, each) for each in known):
        return
    ended = [(each.registration, each.name) for each in known if each.registration]
    if ended:
        last, name = max(ended, key=lambda each: each[0].accepted_at or datetime.min)  # noqa: DTZ901
        yield Fault(_ending(last), "down", "R5", name, {"registration": last, "elsewhere": []})
    else:
        yield Fault("never", "down", "R1", None, {"seen": max(facts.credential.seen.values(), default=None)})


def _is_taken_away(facts: Facts, region: Region) -> bool:
    """Whether nobody is registered there and nobody serves there: nothing else is said of such a region."""
    used = region.registration is not None and region.registration.is_live
    return region.state == "out" and not used and not (facts.is_heard(region) and facts.is_up(region))


def strangers(facts: Facts) -> Iterator[Fault]:
    """Somebody else uses the username and does not know the password: it does the trunk no harm (rule B3)."""
    tries = [
        refusal
        for region in facts.regions
        for refusal in region.refusals
        if facts.now - refusal.last_at < LATELY and not is_own(facts, refusal)
    ]
    if tries:
        details = {
            "addresses": sorted({each.address for each in tries if each.address}),
            "count": sum(each.count for each in tries),
        }
        yield Fault("strangers", "notice", "R2", None, details)
