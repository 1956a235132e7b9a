"""Words that several sentences share. What strangers sent comes out shortened and harmless."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from api.diagnosis.facts import Facts, Registration
from api.diagnosis.faults import Fault
from kemi.wording import clean, pbx


def moment(facts: Facts, at: datetime | None) -> str:
    """A time of day, with its date when that is not today's: 14:03:20 UTC."""
    if at is None:
        return "an unknown time"
    day = "" if at.date() == facts.now.date() else f"{at:%Y-%m-%d} "
    return f"{day}{at:%H:%M:%S} UTC"


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def who(known: Registration) -> str:
    return pbx(f"{known.address}:{known.port}", clean(known.user_agent or ""))


def calls(count: int) -> str:
    return "1 call" if count == 1 else f"{count} calls"


def place_of(fault: Fault) -> str:
    return f" in {fault.region}" if fault.region else ""
