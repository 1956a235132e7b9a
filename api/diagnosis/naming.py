"""What a resolver answers about the domains (rules D1 and D2), within about a second in all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore
from typing import Any, Final

from api.dns.checking import Difference, examine
from api.dns.records import service_name

SECONDS: Final = 0.5
"""For resolvers, and as long again for the domains' own name servers."""
MOST_DOMAINS: Final = 8
TURNS: Final = BoundedSemaphore(3)
"""Of a process's eight threads so many wait for DNS at the same time: whoever asks often keeps nobody else waiting."""
BUSY: Final = "DNS was not asked, since too many diagnoses ask at this moment: try again."


def look(
    domains: Sequence[Mapping[str, Any]], places: Sequence[Mapping[str, Any]], resolvers: Sequence[str]
) -> list[Difference]:
    """What is wrong with the first domains, all of which are asked about at once."""
    asked = domains[:MOST_DOMAINS]
    if not asked:
        return []
    if not TURNS.acquire(blocking=False):
        return [Difference("unanswered", service_name(asked[0]["name"]), None, None, None, BUSY)]
    try:
        return _look(asked, places, resolvers)
    finally:
        TURNS.release()


def _look(
    asked: Sequence[Mapping[str, Any]], places: Sequence[Mapping[str, Any]], resolvers: Sequence[str]
) -> list[Difference]:
    ask = partial(examine, places=places, resolvers=resolvers, seconds=SECONDS)
    with ThreadPoolExecutor(len(asked)) as pool:
        return [difference for found in pool.map(ask, asked) for difference in found]
