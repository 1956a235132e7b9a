"""`applying.json`: what a region's agent is about to put in force, or what became of it until MariaDB has been told.

It is there before anything is switched, so that whoever comes after a crash knows where to go back to.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from kemi import durable
from kemi.configurations import Configurations

FILE: Final = "applying.json"
SWITCHING: Final = "switching"
TRYING: Final = "trying"
ENDED: Final = "ended"

log = logging.getLogger("agent")


@dataclass(frozen=True)
class Outcome:
    """What became of it. `ended_at` is milliseconds since the epoch."""

    state: str
    reason: str | None
    restarted: bool
    ended_at: int


@dataclass(frozen=True)
class Application:
    """`origin` and `target` are names of configurations' folders: in force before, to be in force."""

    id: int
    version: int
    previous: int | None
    origin: str
    target: str
    step: str = SWITCHING
    outcome: Outcome | None = None

    def at(self, step: str) -> "Application":
        return replace(self, step=step)

    def ended(self, outcome: Outcome) -> "Application":
        return replace(self, step=ENDED, outcome=outcome)


def read(home: Path) -> Application | None:
    """None when there is none. Errors: OSError."""
    try:
        return _from_dict(json.loads((home / FILE).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        log.error("%s is not understood, and left out of account (%s: %s)", FILE, type(error).__name__, error)
        return None


def write(home: Path, application: Application) -> None:
    """Errors: OSError; then it says what it said before."""
    durable.replace(home / FILE, json.dumps(asdict(application), indent=1) + "\n")


def remove(home: Path) -> None:
    """Errors: OSError."""
    (home / FILE).unlink(missing_ok=True)
    durable.sync_folder(home)


def _from_dict(facts: Mapping[str, Any]) -> Application:
    outcome = facts["outcome"]
    return Application(**{**facts, "outcome": Outcome(**outcome) if outcome else None})


def settle(home: Path, now: int) -> bool:
    """After a crash, before anything starts or goes on: back to what was in force before an application that was under
    way; whether there was one. `now` is milliseconds since the epoch. Errors: OSError; then it must be tried again.
    """
    found = read(home)
    if found is None or found.step == ENDED:
        return False
    back = Configurations(home).go_back(found.origin)
    done = {SWITCHING: "was switching to it", TRYING: "was trying it"}[found.step]
    reason = f"the region's agent was stopped while it {done}; what was in force before is in force again"
    outcome = Outcome("rolled-back" if back or found.step == TRYING else "refused", reason, found.step == TRYING, now)
    write(home, found.ended(outcome))
    return True
