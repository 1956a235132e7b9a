"""How fast a credential may call: rule O2. Pure; moments are milliseconds since the epoch.

A virtual schedule (the generic cell rate algorithm, ITU-T I.371 annex A): each call that is let through moves the
earliest moment of the next by one interval. Who comes a little before it is let through as well and stays on the same
schedule, so jitter costs nothing and the long-run rate never exceeds one call an interval.
"""

from typing import Final

INTERVAL_MS: Final = 1000
TOLERANCE_MS: Final = 200
"""Two calls, each 100 ms off its schedule, one late and the next early."""


def spend(due: int, now: int) -> int | None:
    """The next due moment when a call at `now` is let through; None when it comes too early.

    `due` is what the last call that was let through returned, 0 before the first. One that is farther ahead than that
    can be means that the clock was set back, and locks nobody out.
    """
    if now < due - TOLERANCE_MS and due <= now + INTERVAL_MS + TOLERANCE_MS:
        return None
    return max(due, now) + INTERVAL_MS if due <= now + TOLERANCE_MS else now + INTERVAL_MS
