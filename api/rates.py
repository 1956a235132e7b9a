"""How often one may ask: a limit for each key or person, and one for strangers by the address that they come from.

Counted in each of the API's processes for itself, in whole minutes.
"""

from __future__ import annotations

import math
import time
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from api.limits import RateSettings
from api.problems import Refusal

STRANGER: Final = "stranger"


class Rates:
    """Counts requests."""

    def __init__(self, settings: RateSettings) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._known = RateLimitItemPerMinute(settings.requests)
        self._strangers = RateLimitItemPerMinute(settings.strangers)

    def count(self, principal: str) -> None:
        """One request of a key or person. Errors: Refusal (429) when that is too many."""
        if not self._limiter.hit(self._known, principal):
            raise self._too_many(self._known, principal)

    def count_stranger(self, address: str) -> None:
        """One request from `address` without a key that is in force. Errors: Refusal (429) when that is too many."""
        if not self._limiter.hit(self._strangers, STRANGER, address):
            raise self._too_many(self._strangers, STRANGER, address)

    def _too_many(self, limit: RateLimitItemPerMinute, *whose: str) -> Refusal:
        seconds = max(1, math.ceil(self._limiter.get_window_stats(limit, *whose).reset_time - time.time()))
        return too_many(f"At most {limit.amount} requests a minute are served", seconds)


def too_many(reason: str, seconds: int) -> Refusal:
    """429 that says when to come again."""
    detail = f"{reason}: repeat this one in {seconds} seconds."
    return Refusal(429, "too-many-requests", detail, headers={"Retry-After": str(seconds)})
