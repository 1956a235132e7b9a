"""What a diagnosis can find: a fault has a code, and a rank that says what is the cause and what the symptom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Severity = Literal["down", "degraded", "notice"]
SEVERITIES: Final[tuple[Severity, ...]] = ("down", "degraded", "notice")
"""Nothing works there; something does not; worth knowing."""

RANKS: Final = (
    "disabled",
    "no_region",
    "gateway_down",
    "stale",
    "wrong_passwords",
    "guessing",
    "blocked_early",
    "blocked_streak",
    "flood",
    "rotated",
    "password",
    "mismatch",
    "phone",
    "scanner",
    "malformed",
    "second_pbx",
    "race_lost",
    "removed",
    "was_disabled",
    "early",
    "no_snapshot",
    "behind",
    "cores_missing",
    "cores_disabled",
    "cores_dead",
    "elsewhere",
    "call_password",
    "call_phone",
    "channels",
    "rate",
    "emergency",
    "no_core",
    "core_challenges",
    "core_dead",
    "no_route",
    "silent",
    "no_answer",
    "dns",
    "never",
    "expired",
    "left",
    "one_region",
    "two_addresses",
    "old_password",
    "out",
    "draining",
    "mute",
    "nat",
    "nobody_dialled",
    "strangers",
    "dns_unanswered",
    "dns_other",
    "unrouted",
)
"""Every code; causes stand before what follows from them."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in `region` or (None) everywhere. `details` are what the sentence tells."""

    code: str
    severity: Severity
    rule: str | None
    region: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def turn(self) -> tuple[int, int, str]:
        """The order of faults: the worst first, and of these the cause."""
        return SEVERITIES.index(self.severity), RANKS.index(self.code), self.region or ""
