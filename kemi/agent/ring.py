"""Where an accepted registration is kept: a ring of slots for each region and credential, which bounds its own size.

R4 leaves `interval` seconds between two accepted registrations, so a slot of that length holds one of them at most.
"""

from typing import NamedTuple

SHOWN_SECONDS = 3 * 3600
"""How far back a timeline reaches."""


class Ring(NamedTuple):
    """`interval` and `granted` are the limits of R4 and R5, in seconds."""

    interval: int
    granted: int

    @property
    def slots(self) -> int:
        """What was accepted before the time shown may still have lived in it; both ends of that cut a slot."""
        return -(-(SHOWN_SECONDS + self.granted) // self.interval) + 1

    def slot(self, at: int) -> int:
        """Of a registration that was accepted then (epoch ms)."""
        return at // (self.interval * 1000) % self.slots

    def between(self, since: int, until: int) -> list[int]:
        """The slots of that time (epoch ms), each once."""
        length = self.interval * 1000
        first, last = since // length, until // length
        return sorted({number % self.slots for number in range(first, min(last, first + self.slots - 1) + 1)})
