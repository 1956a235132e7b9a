"""Which lines of a journal tell of an accepted registration, or of a binding that went before its time.

Pure. A line that is read twice makes the same row twice, and the rows of one registration may come in any order:
`statements.PUT_REGISTRATION` puts them together.
"""

from collections.abc import Iterable

from kemi.agent import rows
from kemi.agent.ring import Ring
from kemi.journal import Record, State

LEFT = "deregistered"
"""The PBX asked for it: no event tells of that."""
REMOVALS = frozenset({"removed", "race_lost", "withdrawn"})
"""Causes of events in whose line a binding goes (rules R6 and C5)."""

_FARTHEST_MS = 253_402_300_799_000


def registrations(ring: Ring, region: str, records: Iterable[Record]) -> list[rows.Row]:
    """Rows of `registration`, in the order of the records."""
    found = (_row(ring, region, record) for record in records)
    return [row for row in found if row is not None]


def _row(ring: Ring, region: str, record: Record) -> rows.Row | None:
    state = record.get("s")
    if not rows.is_state(state):
        return None
    clock = rows.number(state.get("clock"), _FARTHEST_MS)
    facts = (_accepted(record, state) or _ended(record, state)) if clock else None
    if clock is None or facts is None:
        return None
    return (region, ring.slot(clock), rows.word(state["u"], 32), rows.moment(clock), *facts)


def _accepted(record: Record, state: State) -> rows.Row | None:
    """A binding in a line of R4's own moment. `named` is 0 but when that clock was set back by a refusal."""
    bound = state.get("b")
    if not isinstance(bound, dict) or record.get("t") != state["clock"] or state.get("named"):
        return None
    address = rows.word(bound.get("a"), 45) or ""
    return (address, rows.number(bound.get("p"), 65535), rows.text(bound.get("ua"), 255), None, None, None)


def _ended(record: Record, state: State) -> rows.Row | None:
    """A binding that is no more. A refusal afterwards has none either, and is told by its event."""
    at = rows.moment(record.get("t"))
    if state.get("b") is not None or at is None:
        return None
    event = record.get("e")
    if not isinstance(event, dict):
        return (None, None, None, at, LEFT, None)
    cause = event.get("cause")
    return (None, None, None, at, cause, rows.explanation(event)) if cause in REMOVALS else None
