"""Waiting, briefly, until the regions have applied a change (rule C5)."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Final

from api.database import Database, DatabaseUnavailableError
from api.regions.store import read_progress

PATIENCE: Final = 0.8
"""Seconds that an answer waits: the promise is one second, the rest is for the way."""
POLL_INTERVAL: Final = 0.03


class Applying:
    """Knows which regions have applied a change."""

    def __init__(self, database: Database, regions: Iterable[str]) -> None:
        """`regions` are named as pending when MariaDB cannot tell."""
        self._database = database
        self._regions = sorted(regions)

    def outcome(self, change: int, region: str | None = None) -> dict[str, Any]:
        """Fields `change` and `pending_regions` of an answer, after the change has been committed.

        Waits up to 0.8 s for `region`, or all; not for regions whose agent is silent. The change is made whatever
        happens here, so that an outage of MariaDB makes regions pending and not the request fail.
        """
        try:
            pending = self._wait(change, region)
        except DatabaseUnavailableError:
            pending = self._regions if region is None else [region]
        return {"change": change, "pending_regions": pending}

    def _wait(self, change: int, region: str | None) -> list[str]:
        deadline = time.monotonic() + PATIENCE
        while True:
            with self._database.transaction() as cursor:
                progress = read_progress(cursor)
            behind = [each for each in progress if each["applied_change"] < change and region in (None, each["name"])]
            if time.monotonic() > deadline or not any(each["alive"] for each in behind):
                return [each["name"] for each in behind]
            time.sleep(POLL_INTERVAL)
