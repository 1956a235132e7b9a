"""The lists of User-Agents (rules R3 and B6) as a worker sees them: read again when the timer process has put new ones
in place.
"""

import json
from collections.abc import Callable, Iterable
from typing import Final

from kemi import tables
from kemi.ksr import Htable
from kemi.user_agents import matcher

KINDS: Final = ("phone", "scanner")
REVISION: Final = "lists"
LOOK_EVERY_MS: Final = 250

Matches = Callable[[str], bool]


class DeviceLists:
    """Which User-Agents are phones, and which are scanners."""

    def __init__(self, table: Htable) -> None:
        self._table = table
        self._revision: object = None
        self._looked = 0
        self._matchers: dict[str, Matches] = {kind: matcher(()) for kind in KINDS}

    def is_phone(self, user_agent: str, now: int) -> bool:
        return self._current(now)["phone"](user_agent)

    def is_scanner(self, user_agent: str, now: int) -> bool:
        return self._current(now)["scanner"](user_agent)

    def _current(self, now: int) -> dict[str, Matches]:
        if now - self._looked >= LOOK_EVERY_MS or now < self._looked:
            self._looked = now
            self._refresh()
        return self._matchers

    def _refresh(self) -> None:
        revision = self._table.sht_get(tables.META, REVISION)
        if revision == self._revision:
            return
        for kind in KINDS:
            self._matchers[kind] = matcher(json.loads(str(self._table.sht_get(tables.META, kind) or "[]")))
        self._revision = revision


def publish(table: Htable, patterns: dict[str, Iterable[str]], revision: int) -> None:
    """Puts the lists in place for all workers."""
    for kind in KINDS:
        table.sht_sets(tables.META, kind, json.dumps(sorted(patterns.get(kind, ()))))
    table.sht_sets(tables.META, REVISION, str(revision))
