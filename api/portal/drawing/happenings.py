"""What happened to a credential, of a timeline of the API: kinds of refusals, and plain sentences. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: what the legend says, and its mark around 0,0 as an SVG path. `hollow`: drawn as a line."""

    key: str
    title: str
    path: str
    hollow: bool = False


EARLY: Final = Kind("early", "429: registered too early", "M0-7L7.5 6H-7.5Z")
WRONG: Final = Kind("wrong", "401, 403: wrong password, or no PBX", "M-5.5-5.5L5.5 5.5M5.5-5.5L-5.5 5.5", hollow=True)
SECOND: Final = Kind("second", "503: another PBX holds the registration", "M0-7.5L7.5 0L0 7.5L-7.5 0Z")
BLOCKED: Final = Kind("blocked", "blocked", "M-6-6H6V6H-6Z")
CALL: Final = Kind("call", "a call was refused", "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0", hollow=True)
OTHER: Final = Kind("other", "refused for another reason", "M0-7L7-2L4.5 6.5H-4.5L-7-2Z", hollow=True)
KINDS: Final = (EARLY, WRONG, SECOND, BLOCKED, CALL, OTHER)
"""In the order of the legend."""
_BY_CAUSE: Final = {
    "early": EARLY,
    "password": WRONG,
    "mismatch": WRONG,
    "phone": WRONG,
    "second_pbx": SECOND,
    "race_lost": SECOND,
    "blocked_early": BLOCKED,
    "blocked_streak": BLOCKED,
}
_BLOCKING: Final = ("B1", "B2", "B6")


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `kind`: accepted, removed, or the key of a kind of refusal."""

    at: datetime
    region: str
    kind: str
    text: str
    code: int | None = None


def kind_of(refusal: Row) -> Kind:
    """How a refusal is drawn."""
    if refusal["rule"] in _BLOCKING:
        return BLOCKED
    if refusal["method"] == "INVITE":
        return CALL
    return _BY_CAUSE.get(refusal["cause"], OTHER)


def moment(value: str) -> datetime:
    """A time of the API's answers, which has its zone."""
    return datetime.fromisoformat(value)


def registered(registration: Row) -> str:
    """A sentence."""
    agent = f" ({registration['user_agent']})" if registration["user_agent"] else ""
    return f"Registered from {registration['address']}:{registration['port']}{agent}."


def removed(removal: Row) -> str:
    """A sentence: what the event says, and otherwise it was the PBX's own wish."""
    return removal.get("sentence") or "The PBX de-registered."


def happenings(timeline: Row, since: datetime) -> list[Happening]:
    """All that happened from `since` on, newest first."""
    found = (each for region in timeline["regions"] for each in _of_region(region))
    return sorted((each for each in found if each.at >= since), key=lambda each: each.at, reverse=True)


def _of_region(region: Row) -> Iterable[Happening]:
    name = region["region"]
    for accepted in region["registrations"]:
        yield Happening(moment(accepted["at"]), name, "accepted", registered(accepted))
    for refusal in region["refusals"]:
        yield Happening(moment(refusal["at"]), name, kind_of(refusal).key, refusal["sentence"], refusal["code"])
    for removal in region["removals"]:
        yield Happening(moment(removal["at"]), name, "removed", removed(removal))


def summary(timeline: Row, since: datetime) -> str:
    """The picture in words, a sentence a region."""
    found = happenings(timeline, since)
    told = (_summary(region["region"], found) for region in timeline["regions"])
    return " ".join(told) or "There are no regions."


def _summary(region: str, found: Iterable[Happening]) -> str:
    counts = Counter(each.kind for each in found if each.region == region)
    if not counts:
        return f"{region}: nothing happened."
    accepted, gone, early = (counts[kind] for kind in ("accepted", "removed", "early"))
    refused = counts.total() - accepted - gone
    told = f"{region}: {_counted(accepted, 'registration')} accepted, {_counted(refused, 'request')} refused"
    told += f" ({early} too early)" if early else ""
    return told + (f", {_counted(gone, 'registration')} removed." if gone else ".")


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
