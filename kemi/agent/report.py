"""The region's word about itself in MariaDB: heartbeat, and the change number that the gateway applies (rule C5)."""

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kemi.agent.database import Database
from kemi.agent.rows import moment, number, places
from kemi.region import Region
from kemi.store import Store

log = logging.getLogger("agent")

HEARTBEAT_SECONDS = 1.0
_TOP = 2**63 - 1

_REPORT = """UPDATE region SET heartbeat_at = UTC_TIMESTAMP(3), agent_started_at = %s, store_change = %s,
applied_change = %s, gateway_at = %s, gateway_started_at = %s, credentials = %s, bindings = %s, calls = %s,
channels = %s, test_limits = %s, dead_cores = %s
WHERE name = %s AND address = %s"""
_PLACE = "SELECT address FROM region WHERE name = %s"


class Pulse:
    """The gateway's pulse.json; read again only when the file has been replaced."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self.facts: dict[str, Any] = {}

    def refresh(self) -> bool:
        """Whether `applied` is another number than before."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return False
        seen = (status.st_mtime_ns, status.st_ino)
        if seen == self._seen:
            return False
        self._seen, before = seen, self.facts.get("applied")
        self.facts = self._read()
        return bool(self.facts.get("applied") != before)

    @property
    def applied_seq(self) -> int:
        """Up to which of the store's numbers the gateway has read; 0 when unknown."""
        return number(self.facts.get("seq"), _TOP) or 0

    def _read(self) -> dict[str, Any]:
        try:
            facts = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self.facts
        return facts if isinstance(facts, dict) else self.facts


class Reporter:
    """Writes the region's row: each second, and at once when the gateway applies another change.

    Not while MariaDB has the region at another address: PBXs and other regions would look for this gateway there, and
    nobody shall think that it works.
    """

    def __init__(
        self, region: Region, store: Store, pulse: Pulse, started: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`started`: when the agent started, epoch milliseconds."""
        self._region = region
        self._store = store
        self._pulse = pulse
        self._started = started
        self._clock = clock
        self._next = 0.0
        self._elsewhere: str | None = None

    def is_due(self) -> bool:
        """Whether there is something to say; an untold change stays due until it has been told."""
        if self._pulse.refresh():
            self._next = 0.0
        return self._clock() >= self._next

    def report(self, database: Database) -> None:
        """Errors: pymysql.MySQLError."""
        facts = self._pulse.facts
        with database.cursor() as cursor:
            told = cursor.execute(
                _REPORT,
                (
                    moment(self._started),
                    self._store.change(),
                    number(facts.get("applied"), _TOP),
                    moment(facts.get("at")),
                    moment(facts.get("boot")),
                    number(facts.get("credentials"), 2**32 - 1),
                    number(facts.get("bindings"), 2**32 - 1),
                    number(facts.get("calls"), 2**32 - 1),
                    number(facts.get("channels"), 2**32 - 1),
                    bool(facts.get("test_limits")),
                    places(facts.get("dead_cores")),
                    self._region.name,
                    self._region.address,
                ),
            )
        if not told:
            self._complain(database)
        self._next = self._clock() + HEARTBEAT_SECONDS

    def _complain(self, database: Database) -> None:
        """Once for each address."""
        with database.cursor() as cursor:
            cursor.execute(_PLACE, (self._region.name,))
            row = cursor.fetchone()
        address = str(row[0]) if row else self._region.address
        if address not in (self._region.address, self._elsewhere):
            here = self._region.address
            log.error(
                "MariaDB has this region at %s, and it runs at %s: nothing is reported until they agree", address, here
            )
        self._elsewhere = address
