"""Waiting for a condition with a deadline, never for a fixed time."""

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


def until(condition: Callable[[], Result], seconds: float, what: str, pause: float = 0.02) -> Result:
    """The first true value of `condition`. AssertionError that names `what` when the deadline passes."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what} (last: {value!r})")
        time.sleep(pause)
    return value


def at(moment: float) -> None:
    """Return at this moment of `time.monotonic()`, for rules that name a second."""
    while (left := moment - time.monotonic()) > 0:
        time.sleep(left)
