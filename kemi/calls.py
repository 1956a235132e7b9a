"""What a gateway's workers know of a call in progress: the value in the table `call`.

The rest of a call lies in its journal lines (docs/architecture.md), which the timer process follows. Moments are
milliseconds since the epoch.
"""

from hashlib import sha256
from typing import Any, Final

TRYING: Final = 0
RINGING: Final = 1
ANSWERED: Final = 2
ENDED: Final = 3
"""A call that has ended stays known while its slot is held: until the answer to its BYE, or 32 seconds."""
UNCOUNTED: Final = 0
CHANNEL: Final = 1
EMERGENCY: Final = 2
"""Against which limit it counts: none (inbound, rule I6), O3's or O4's."""

HELD_MS: Final = 32_000
"""64 times T1 (RFC 3261 §17.1.1.2): the longest that the other side may still think it has the call."""
PLACE: Final = ("b", "core", "vr")
"""Fields of a journal line: who took the call."""
ZERO: Final = 48
RESTORED: Final = "restored"
"""`rest` of a call to a core that was known before the start: no transaction stands for it."""
LONGEST_KEY: Final = 300
"""Characters; a longer key is kept as its hash."""


class Call:
    """One call. `caller` and `callee` are `address:port`: where its INVITE came from and where it was sent last.

    `region` is the other region that was asked to reach the PBX, `rest` whom else to ask (rule I3), `tags` those of
    the callees that answered: more than one when the INVITE was forked (RFC 3261 §13.2.2.4).
    """

    def __init__(
        self,
        uid: str,
        phase: int,
        counted: int,
        username: str,
        caller: str,
        callee: str,
        outbound: bool,
        region: str = "",
        rest: str = "",
        tags: str = "",
    ) -> None:
        self.uid = uid
        self.phase = phase
        self.counted = counted
        self.username = username
        self.caller = caller
        self.callee = callee
        self.outbound = outbound
        self.region = region
        self.rest = rest
        self.tags = tags

    def encode(self) -> str:
        return (
            f"{self.uid}|{self.phase}|{self.counted}|{self.username}|{self.caller}|{self.callee}|{int(self.outbound)}"
            f"|{self.region}|{self.rest}|{self.tags}"
        )

    @classmethod
    def decode(cls, text: str) -> "Call":
        uid, phase, counted, username, caller, callee, outbound, region, rest, tags = text.split("|", 9)
        return cls(
            uid, ord(phase) - ZERO, ord(counted) - ZERO, username, caller, callee, outbound == "1", region, rest, tags
        )

    @property
    def unfinished(self) -> bool:
        return self.phase < ANSWERED

    def answered_by(self, tag: str) -> bool:
        return tag in self.tags.split("\n")

    def with_tag(self, tag: str) -> None:
        """One more callee answered."""
        self.tags = f"{self.tags}\n{tag}" if self.tags else tag

    def tags_without(self, tag: str) -> str:
        """Those of the others, when one of those who answered has gone."""
        return "\n".join(each for each in self.tags.split("\n") if each != tag)


def call_key(call_id: str, tag: str) -> str:
    """What a call is known by (rule W4): its Call-ID and the caller's tag."""
    key = f"{call_id}|{tag}"
    return key if len(key) <= LONGEST_KEY and "\0" not in key else sha256(key.encode()).hexdigest()


def restored(known: dict[str, Any], now: int) -> Call | None:
    """The call that journal lines tell of, merged; None when nothing of it is left to know."""
    held = int(known.get("fr") or 0)
    if "s" not in known or ("e" in known and held <= now):
        return None
    phase = ENDED if "e" in known else ANSWERED if "w" in known else RINGING if "r" in known else TRYING
    return Call(
        str(known["id"]),
        phase,
        int(known["k"]),
        str(known["u"] or ""),
        str(known["a"]),
        str(known.get("b") or known["b0"]),
        known["d"] == "out",
        str(known.get("vr") or ""),
        RESTORED if known["d"] == "out" else "",
        str(known.get("tt") or ""),
    )


def merged(known: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    """Two lines of one call: what was known first stays, but for who took it, of which the answer's word counts.

    What was known is changed, and returned.
    """
    decides = "w" in line or "w" not in known
    for name, value in line.items():
        if name not in known or (decides and name in PLACE):
            known[name] = value
    return known
