"""The part that prepares the database as soon as MariaDB answers, then starts what needs it, then ends.

Regions do not wait for it (rule F1). Exit status 3: the database cannot be prepared; the last line says why.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Final

from api import first_start
from api.service import mariadb
from api.service.parts import API, HOUSEKEEPER
from api.service.supervisor import Supervisor
from api.settings import Settings

REFUSED: Final = 3

log = logging.getLogger("setup")


def main() -> int:
    """Returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("yoyo").setLevel(logging.WARNING)
    settings = Settings.load()
    if settings.test_limits:
        log.warning("TEST LIMITS")
    try:
        _prepare(settings)
    except Exception as error:  # noqa: BLE001
        log.error("the database cannot be prepared: %s", " ".join(str(error).split()))
        return REFUSED
    _start_the_rest(settings)
    return 0


def _prepare(settings: Settings) -> None:
    """Errors: FirstStartError, RefusedError, when trying again is of no use."""
    while True:
        _wait_for(lambda: mariadb.answers(settings))
        try:
            first_start.prepare(settings)
            return
        except first_start.DatabaseLostError:
            log.warning("MariaDB went away; trying again")


def _start_the_rest(settings: Settings) -> None:
    supervisor = Supervisor(settings.home)
    for part in (*(f"{region.name}-agent" for region in settings.regions), API, HOUSEKEEPER):
        supervisor.start_part(part)
    log.info("the database is prepared")


def _wait_for(condition: Callable[[], bool]) -> None:
    said = False
    while not condition():
        if not said:
            log.warning("waiting for MariaDB")
            said = True
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
