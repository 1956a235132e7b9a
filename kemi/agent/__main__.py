"""`python -m kemi.agent`: runs a region's agent until SIGTERM. TURNPIKE_REGION names the region's home folder."""

import logging
import os
import signal
import sqlite3
import sys
from pathlib import Path

from kemi import region
from kemi.agent.database import load_access
from kemi.agent.mend import set_aside_if_damaged
from kemi.agent.service import Agent

log = logging.getLogger("agent")


def main() -> int:
    """The exit status: 0 after a clean stop, 1 after an unexpected error, 2 when a file of the region is missing or
    wrong.
    """
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        agent = _agent()
    except (OSError, ValueError, KeyError, TypeError, region.LimitsRefusedError, sqlite3.Error) as error:
        log.error(
            "cannot start: TURNPIKE_REGION must name the home of a region, with host.json and current (%s: %s)",
            type(error).__name__,
            error,
        )
        return 2
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: agent.stop())
    return agent.run()


def _agent() -> Agent:
    """Errors: KeyError when TURNPIKE_REGION is not set, and those of what it reads."""
    home = Path(os.environ[region.HOME])
    facts = region.load(home, (home / "current").resolve(strict=True))
    set_aside_if_damaged(facts.store)
    return Agent(facts, load_access(home))


if __name__ == "__main__":
    sys.exit(main())
