"""One process a host does the chores; a lock in MariaDB lets only one of several hosts at them."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from pymysql.cursors import DictCursor

from api.database import Database, DatabaseBusyError, DatabaseUnavailableError

LOOK_SECONDS: Final = 2.0
MOST_ROUNDS: Final = 50
"""Times that a chore is done in a row: others have their turn, too."""
TAKE_LOCK: Final = "SELECT GET_LOCK(CONCAT(DATABASE(), '.housekeeper'), 0) AS held"
GIVE_LOCK: Final = "SELECT RELEASE_LOCK(CONCAT(DATABASE(), '.housekeeper'))"

log = logging.getLogger("housekeeper")


@dataclass(frozen=True)
class Chore:
    """What has to be done every so many seconds.

    `work` does a piece in a transaction of its own and returns how many rows it dealt with; it is called again until
    there are none. `name` is what the log says of those rows. Doing it twice, or on two hosts at once, must do no harm.
    """

    name: str
    seconds: float
    work: Callable[[DictCursor], int]


class Housekeeper:
    """Does what is due."""

    def __init__(
        self, database: Database, chores: Sequence[Chore], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._chores = chores
        self._clock = clock
        self._due: dict[str, float] = {}
        self._away = False

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. MariaDB may come and go meanwhile."""
        while not stop.wait(LOOK_SECONDS):
            self.turn()

    def turn(self) -> None:
        """Does what is due, unless another host is at it or MariaDB is away: then it stays due."""
        try:
            self._work_alone()
        except DatabaseUnavailableError as error:
            if not self._away:
                log.warning("MariaDB cannot be used (%s); trying again until it can", str(error))
            self._away = True
            return
        if self._away:
            log.info("MariaDB can be used again")
        self._away = False

    def _work_alone(self) -> None:
        with self._database.transaction() as holder:
            holder.execute(TAKE_LOCK)
            if (holder.fetchone() or {}).get("held") != 1:
                return
            try:
                for chore in self._chores:
                    self._do(chore)
            finally:
                holder.execute(GIVE_LOCK)

    def _do(self, chore: Chore) -> None:
        """A fault of one chore is no reason to leave the others undone."""
        now = self._clock()
        if now < self._due.get(chore.name, now):
            return
        try:
            done = self._rounds(chore)
        except DatabaseBusyError:
            return
        except DatabaseUnavailableError:
            raise
        except Exception:
            log.exception("%s: unexpected error", chore.name)
        else:
            if done:
                log.info("%s: %d", chore.name, done)
        self._due[chore.name] = now + chore.seconds

    def _rounds(self, chore: Chore) -> int:
        done = 0
        for _ in range(MOST_ROUNDS):
            with self._database.transaction() as cursor:
                found = chore.work(cursor)
            done += found
            if not found:
                break
        return done
