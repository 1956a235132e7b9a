"""Waiting for what shall happen, while somebody may ask to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

Result = TypeVar("Result")
PAUSE: Final = 0.02
"""Seconds between two looks."""


class StopAskedError(Exception):
    """Somebody asked to stop."""


class NotAsToldError(Exception):
    """Something did not happen as the story tells. The text says what."""


class Patience:
    """Waits, as long as nobody asks to stop."""

    def __init__(self) -> None:
        self._asked = False

    def ask_to_stop(self, *_: object) -> None:
        """What a signal calls. It only takes a note: an exception out of a signal handler can get lost."""
        self._asked = True

    def until(self, condition: Callable[[], Result], seconds: float, what: str) -> Result:
        """The first true value of `condition`.

        Errors: NotAsToldError with `what` after so many seconds; StopAskedError.
        """
        deadline = time.monotonic() + seconds
        while not (value := self._go_on(condition)):
            if time.monotonic() > deadline:
                raise NotAsToldError(f"{what}: not within {seconds:g} s")
            time.sleep(PAUSE)
        return value

    def wait(self, moment: float) -> None:
        """Until this moment of `time.monotonic()`. Errors: StopAskedError."""
        while self._go_on(time.monotonic) < moment:
            time.sleep(PAUSE)

    def _go_on(self, look: Callable[[], Result]) -> Result:
        if self._asked:
            raise StopAskedError
        return look()
