"""When each call is looked at next. A call has one appointment, so that what it will never need takes no room."""

from typing import Final

from kemi.watched import Watched

SLOT_MS: Final = 100
FAR: Final = 10
"""Slots without an appointment that are gone through one by one; more of them are passed over."""


class Agenda:
    """Slots of a tenth of a second each. Moments are milliseconds since the epoch."""

    def __init__(self) -> None:
        self._slots: dict[int, dict[str, Watched]] = {}
        self._first = 0
        """No appointment lies before this slot."""

    def __len__(self) -> int:
        return sum(len(calls) for calls in self._slots.values())

    def put(self, call: Watched, moment: int) -> None:
        """In place of the appointment that it had."""
        self.strike(call)
        slot = moment // SLOT_MS
        calls = self._slots.get(slot)
        if calls is None:
            self._slots[slot] = calls = {}
        calls[call.uid] = call
        call.due = moment
        self._first = min(self._first, slot)

    def strike(self, call: Watched) -> None:
        if not call.due:
            return
        slot = call.due // SLOT_MS
        call.due = 0
        calls = self._slots[slot]
        del calls[call.uid]
        if not calls:
            del self._slots[slot]

    def pop(self, now: int) -> Watched | None:
        """One whose moment has come, which then has no appointment; None when there is no more."""
        here = now // SLOT_MS
        while self._first <= here:
            for call in self._slots.get(self._first, {}).values():
                if call.due <= now:
                    self.strike(call)
                    return call
            if self._first == here:
                return None
            self._first = self._first + 1 if here - self._first <= FAR else min(here, min(self._slots, default=here))
        return None
