"""Waiting, briefly, until the regions have applied a change (rule C5)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, Final

from api.database import Database, DatabaseUnavailableError
from api.regions.store import read_progress

PATIENCE: Final = 0.8
"""Seconds that an answer waits: the promise is one second, the rest is for the way."""
POLL_INTERVAL: Final = 0.03


class Applying:
    """Knows which regions have applied a change."""

    def __init__(self, database: Database, regions: Sequence[str]) -> None:
        """`regions` are those that are taken for pending as long as MariaDB has not told which there are."""
        self._database = database
        self._regions = tuple(regions)

    def outcome(self, change: int, region: str | None = None) -> dict[str, Any]:
        """Fields `change` and `pending_regions` of an answer, after the change has been committed.

        Waits up to 0.8 s for `region`, or all; not for regions whose agent is silent, and one that is out and silent
        is no pending one either: who starts it gets all changes. The change is made whatever
        happens here, so that an outage of MariaDB makes regions pending and not the request fail.
        """
        try:
            pending = self._wait(change, region)
        except DatabaseUnavailableError:
            pending = [each for each in self._regions if region in (None, each)]
        return {"change": change, "pending_regions": pending}

    def _wait(self, change: int, region: str | None) -> list[str]:
        deadline = time.monotonic() + PATIENCE
        while True:
            with self._database.transaction() as cursor:
                progress = read_progress(cursor)
            self._regions = tuple(each["name"] for each in progress)
            behind = [each for each in progress if each["applied_change"] < change and region in (None, each["name"])]
            if time.monotonic() > deadline or not any(each["alive"] for each in behind):
                return [each["name"] for each in behind]
            time.sleep(POLL_INTERVAL)
