"""Waiting for a condition with a deadline, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
BUSY = 4
"""How many times as long anything may take on a machine that is shared."""
STALL = 0.5  # seconds
TEN_MINUTES, DAY = 600, 86_400


def until(condition: Callable[[], Result], seconds: float, what: str, pause: float = 0.02) -> Result:
    """The first true value of `condition`. AssertionError that names `what` when there was time enough and none came.

    `seconds` are those of a machine that does nothing else; one that is busy gets `BUSY` times as many. A look that
    took long, because the machine stood still, counts as if it had been quick: who is awaited stood still as well.
    """
    left = seconds * BUSY
    while True:
        began = time.monotonic()
        if value := condition():
            return value
        if left < 0:
            raise AssertionError(f"not within {seconds} s, nor within {BUSY} times that: {what} (last: {value!r})")
        time.sleep(pause)
        left -= min(time.monotonic() - began, pause + STALL)


def undivided(seconds: float = 20.0, period: int = TEN_MINUTES) -> None:
    """Return when the clock's period has so many seconds left: wrong passwords are counted in ten minutes of the clock,
    records are looked for by day.
    """
    left = period - time.time() % period
    if left < seconds:
        at(time.monotonic() + left)


def soonest(measure: Callable[[], float], limit: float, tries: int = 4) -> float:
    """Seconds of the first measurement below the limit, else of the quickest of so many: a machine stands still now
    and then, and what is slow by itself is slow every time.
    """
    found = [measure()]
    while found[-1] >= limit and len(found) < tries:
        found.append(measure())
    return min(found)


def at(moment: float) -> None:
    """Return at this moment of `time.monotonic()`, for rules that name a second."""
    while (left := moment - time.monotonic()) > 0:
        time.sleep(left)
