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
MOST_KNOWN: Final = 4096

Matches = Callable[[str], bool]


class Device:
    """What a User-Agent says of its sender."""

    def __init__(self, is_phone: bool, is_scanner: bool) -> None:
        self.is_phone = is_phone
        self.is_scanner = is_scanner


UNLISTED: Final = Device(is_phone=False, is_scanner=False)


class DeviceLists:
    """Which User-Agents are phones, and which are scanners; each is matched once."""

    def __init__(self, table: Htable) -> None:
        self._table = table
        self._revision: object = None
        self._looked = 0
        self._matches: dict[str, Matches] = {kind: matcher(()) for kind in KINDS}
        self._known: dict[str, Device] = {}

    def device(self, user_agent: str, now: int) -> Device:
        if now - self._looked >= LOOK_EVERY_MS or now < self._looked:
            self._looked = now
            self._refresh()
        return self._known.get(user_agent) or self._match(user_agent)

    def _match(self, user_agent: str) -> Device:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        device = Device(is_phone=self._matches["phone"](user_agent), is_scanner=self._matches["scanner"](user_agent))
        self._known[user_agent] = device
        return device

    def _refresh(self) -> None:
        revision = self._table.sht_get(tables.META, REVISION)
        if revision == self._revision:
            return
        for kind in KINDS:
            self._matches[kind] = matcher(json.loads(str(self._table.sht_get(tables.META, kind) or "[]")))
        self._known.clear()
        self._revision = revision


class CoreList:
    """The carrier's own machines, which may call in (rule I1): this region's cores, and other regions' gateways."""

    def __init__(self, table: Htable) -> None:
        self._get = table.sht_get
        self._looked = 0
        self._text: object = None
        self._addresses: frozenset[str] = frozenset()
        self._regions_text: object = None
        self._regions: dict[str, str] = {}
        self._gateways: dict[str, str] = {}

    def is_one_of_ours(self, address: str, now: int) -> bool:
        """Whether the carrier's own machines have it: no flood in their name shuts them out (rule B3)."""
        return self.is_core(address, now) or address in self._regions

    def is_core(self, address: str, now: int) -> bool:
        self._look(now)
        return address in self._addresses

    def region_of(self, address: str, now: int) -> str | None:
        """The name of the other region whose gateway has this address."""
        self._look(now)
        return self._regions.get(address)

    def gateways(self, now: int) -> dict[str, str]:
        """The address of each other region's gateway, by the region's name (rule I3)."""
        self._look(now)
        return self._gateways

    def _look(self, now: int) -> None:
        if now - self._looked >= LOOK_EVERY_MS or now < self._looked:
            self._looked = now
            self._refresh()

    def _refresh(self) -> None:
        text = self._get(tables.META, tables.CORE_ADDRESSES)
        if text != self._text:
            self._text = text
            self._addresses = frozenset(json.loads(str(text)))
        text = self._get(tables.META, tables.REGIONS)
        if text != self._regions_text:
            self._regions_text = text
            self._gateways = {str(name): str(address) for name, address in json.loads(str(text))}
            self._regions = {address: name for name, address in self._gateways.items()}


def publish(table: Htable, patterns: dict[str, Iterable[str]], revision: int) -> None:
    """Puts the lists in place for all workers."""
    for kind in KINDS:
        table.sht_sets(tables.META, kind, json.dumps(sorted(patterns.get(kind, ()))))
    table.sht_sets(tables.META, REVISION, str(revision))
