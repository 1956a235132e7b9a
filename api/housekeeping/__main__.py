"""`python -m api.housekeeping`: does the chores of the state folder that TURNPIKE_VAR names, until SIGTERM."""

from __future__ import annotations

import logging
import signal
import sys
import threading

from api.database import Database
from api.housekeeping.chores import CHORES
from api.housekeeping.housekeeper import Housekeeper
from api.settings import Settings


def main() -> None:
    """Errors: SettingsError, OSError when there is no password for the database."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    database = Database(Settings.load().database("api"))
    Housekeeper(database, CHORES).run(stop)
    database.close()


if __name__ == "__main__":
    main()
