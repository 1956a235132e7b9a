"""A call as the messages that its region recorded, in their order: a ladder diagram, before it has a shape.

What is not recorded has no moment. docs/architecture.md (Journals) says what is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.portal.drawing.words import CAUSES, reason, spoken
from api.portal.showing import read_moment

Call = Mapping[str, Any]
Hop = tuple[int, int]
SIP_PORT: Final = 5060
TIMED_OUT: Final = ("no_answer", "longest_ringing")
"""Causes of the gateway's for a call that had been sent on."""


@dataclass(frozen=True)
class Column:
    """Who takes part. `address` as the record has it: None when it has none."""

    name: str
    address: str | None


@dataclass(frozen=True)
class Step:
    """A message over `hops`, each from column to column; without hops, a stretch of time.

    `at`: seconds since the INVITE came; None: the region does not record it, SIP says that it follows.
    `kind`: request, progress, success, refusal, end or span.
    """

    text: str
    kind: str
    hops: tuple[Hop, ...] = ()
    at: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Ladder:
    """Columns from left to right, steps from top to bottom, and in sentences what is not recorded."""

    columns: tuple[Column, ...]
    steps: tuple[Step, ...]
    missing: tuple[str, ...]

    def told(self, step: Step) -> str:
        """The step in words: from whom over whom to whom."""
        if not step.hops:
            return step.text
        names = [column.name for column in self.columns]
        (origin, _), *_ = step.hops
        joint = " and to " if any(start == origin for start, _ in step.hops[1:]) else " and on to "
        return f"{step.text} from {names[origin]} to {joint.join(names[target] for _, target in step.hops)}"


class _Path:
    """Where the messages of a call go. Columns: the PBX, the other region's gateway if any, this gateway, the core."""

    def __init__(self, call: Call) -> None:
        self.gateway = 2 if call["via"] else 1
        to_core = tuple((place, place + 1) for place in range(self.gateway + 1))
        inbound = call["direction"] == "inbound"
        self.forth: tuple[Hop, ...] = _back(to_core) if inbound else to_core
        self.back = _back(self.forth)
        split = [start for start, _ in self.forth].index(self.gateway)
        self.arriving, self.onward = self.forth[:split], self.forth[split:]
        self.refusing = _back(self.arriving)


def _back(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    return tuple((target, start) for start, target in reversed(hops))


def ladder(call: Call, addresses: Mapping[str, str]) -> Ladder:
    """Of a live call or of a record, as the API answers it. `addresses`: those of the regions that are known."""
    path = _Path(call)
    steps = (*_beginning(call, path), *_talk(call, path), *_end(call, path))
    return Ladder(_columns(call, addresses), steps, tuple(_missing(call, steps)))


def _columns(call: Call, addresses: Mapping[str, str]) -> tuple[Column, ...]:
    outbound = call["direction"] != "inbound"
    pbx = f"{call['address']}:{call['port']}" if outbound and call["address"] else None
    others = (call["via"],) if call["via"] else ()
    gateways = [Column(f"Gateway {name}", _gateway(addresses.get(name))) for name in (*others, call["region"])]
    return (Column("PBX", pbx), *gateways, Column("Core", call["core"]))


def _gateway(address: str | None) -> str | None:
    return f"{address}:{SIP_PORT}" if address else None


def sent_on(call: Call) -> bool:
    """Whether the INVITE left the gateway."""
    if call["rang_at"] or call["answered_at"] or is_live(call):
        return True
    if call["ended_by"] == "gateway":
        return call["cause"] in TIMED_OUT or (call["rule"] is None and call["code"] == 408)
    return call["ended_by"] is not None


def is_live(call: Call) -> bool:
    """A live call has no end, and the API shows none."""
    return call.get("ended_at") is None


def _since_start(call: Call, field: str) -> float:
    return max(0.0, (read_moment(call[field]) - read_moment(call["started_at"])).total_seconds())


def _beginning(call: Call, path: _Path) -> list[Step]:
    hops = path.forth if sent_on(call) else path.arriving
    invite = Step("INVITE", "request", hops, 0.0, "emergency call" if call["emergency"] else "")
    if not call["rang_at"]:
        return [invite]
    return [invite, Step("18x Ringing", "progress", path.back, _since_start(call, "rang_at"))]


def _talk(call: Call, path: _Path) -> list[Step]:
    if not call["answered_at"]:
        return [Step("Not answered yet", "span")] if is_live(call) else []
    answer = Step(reason(200), "success", path.back, _since_start(call, "answered_at"))
    length = "in progress" if is_live(call) else spoken(call["seconds"])
    return [answer, Step("ACK", "request", path.forth), Step(f"Call, {length}", "span")]


def _end(call: Call, path: _Path) -> list[Step]:
    if is_live(call):
        return []
    at, note = _since_start(call, "ended_at"), _why(call)
    if call["answered_at"]:
        ways = {"caller": path.forth, "callee": path.back}
        return [Step("BYE", "end", ways.get(call["ended_by"], (*path.refusing, *path.onward)), at, note)]
    return _unanswered(call, path, at, note)


def _unanswered(call: Call, path: _Path, at: float, note: str) -> list[Step]:
    said, by = reason(call["code"]), call["ended_by"]
    if by == "caller":
        return [Step("CANCEL", "end", path.forth), Step(said, "refusal", path.back, at, note)]
    if call["cause"] == "core_challenges":
        return [
            Step(said, "refusal", _back(path.onward), at, note),
            Step(reason(500), "refusal", path.refusing),
        ]
    if by == "callee":
        return [Step(said, "refusal", path.back, at, note)]
    cancel = [Step("CANCEL", "end", path.onward)] if by == "administrator" or call["cause"] == "longest_ringing" else []
    return [*cancel, Step(said, "refusal", path.refusing, at, note)]


def _why(call: Call) -> str:
    told = [f"rule {call['rule']}"] if call["rule"] else []
    told += [CAUSES.get(call["cause"], str(call["cause"]))] if call["cause"] else []
    return ": ".join(told)


def _missing(call: Call, steps: Sequence[Step]) -> list[str]:
    """What a reader may look for in vain."""
    outbound = call["direction"] != "inbound"
    found = []
    if outbound:
        found.append("The round before: an INVITE without credentials, and the 407 that asks for them.")
        if sent_on(call) and call["core"] is None:
            found.append("Which core gateway was asked: it is recorded when it rings or answers.")
        if call.get("cause") == "no_core":
            found.append("Which core gateways were tried.")
    else:
        found.append("The address of the PBX: an inbound call goes to the address that it registered from.")
    found.append("100 Trying, retransmissions, re-INVITEs and answers to BYE.")
    if any(step.hops and step.at is None for step in steps):
        found.append("The moments of what is drawn dashed: SIP says that these messages follow.")
    return found
