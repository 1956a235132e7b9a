"""Deletes journal files that nobody needs any more."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from kemi.journal import Segment, is_finished, lines, segments

GRACE_SECONDS = 60.0
"""From when a file is done to its deletion: a starting gateway may have read positions from before it was folded."""


class Sweeper:
    """Finds the files that are finished, shipped and folded, and deletes each a while after it was first found so."""

    def __init__(self, folder: Path, grace: float = GRACE_SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self.grace = grace
        self._clock = clock
        self._since: dict[str, float] = {}

    def sweep(self, shipped: Mapping[str, int], folded: Mapping[str, int]) -> None:
        """Delete what is due, by how far each file has been shipped and folded."""
        everything = segments(self._folder)
        due = [one for one in everything if is_finished(one, everything) and self._is_due(one, shipped, folded)]
        for segment in due:
            segment.path.unlink(missing_ok=True)
            self._since.pop(segment.name, None)

    def _is_due(self, segment: Segment, shipped: Mapping[str, int], folded: Mapping[str, int]) -> bool:
        done = min(shipped.get(segment.name, 0), folded.get(segment.name, 0))
        with closing(lines(segment.path, done)) as found:
            more = next(found, None) is not None
        if more:
            self._since.pop(segment.name, None)
            return False
        return self._clock() - self._since.setdefault(segment.name, self._clock()) >= self.grace


def vanished(folder: Path, positions: Mapping[str, int]) -> list[str]:
    """Positions of files that are not there. None when the folder has no journal at all: it may just not be mounted."""
    present = {segment.name for segment in segments(folder)}
    return sorted(positions.keys() - present) if present else []
