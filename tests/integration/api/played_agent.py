"""Plays a region's agent: takes applications and reports, through MariaDB, with the region's own account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.server import connected

Row = dict[str, Any]
LOOK: Final = 0.05  # seconds
IN_FORCE: Final = ("checking", "switching", "trying", "in-force")


class PlayedAgent:
    """What the agent of one region writes."""

    def __init__(self, cursor: DictCursor, region: str) -> None:
        self.cursor = cursor
        self.region = region

    def is_alive(self, alive: bool = True) -> None:
        moment = "UTC_TIMESTAMP(3)" if alive else "UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE"
        self.cursor.execute(f"UPDATE region SET heartbeat_at = {moment} WHERE name = %s", (self.region,))  # noqa: S608

    def runs(self, version: int | None) -> None:
        """Reports that `version` is in force."""
        self.cursor.execute(
            "SELECT digest FROM configuration WHERE region = %s AND version = %s", (self.region, version)
        )
        row = self.cursor.fetchone() or {"digest": None}
        self.cursor.execute(
            "UPDATE region SET configuration = %s, configuration_digest = %s WHERE name = %s",
            (version, row["digest"], self.region),
        )

    def waiting(self) -> Row | None:
        """The application that waits for it."""
        self.cursor.execute("SELECT * FROM application WHERE region = %s AND state = 'waiting'", (self.region,))
        return self.cursor.fetchone()

    def take(self, application: int) -> bool:
        """Whether it was still waiting."""
        take = (
            "UPDATE application SET state = 'checking', began_at = UTC_TIMESTAMP(3) WHERE id = %s AND state = 'waiting'"
        )
        return self.cursor.execute(take, (application,)) > 0

    def moves(self, application: int, state: str) -> None:
        self.cursor.execute("UPDATE application SET state = %s WHERE id = %s", (state, application))

    def ends(self, application: int, state: str, reason: str | None = None, *, restarted: bool | None = None) -> None:
        """With `in-force` it says so too."""
        self.cursor.execute(
            "UPDATE application SET state = %s, reason = %s, restarted = %s, ended_at = UTC_TIMESTAMP(3) WHERE id = %s",
            (state, reason, restarted, application),
        )
        if state == "in-force":
            self.cursor.execute("SELECT version FROM application WHERE id = %s", (application,))
            self.runs((self.cursor.fetchone() or {})["version"])

    def carries_out(self, application: int, state: str = "in-force", reason: str | None = None) -> None:
        """From taking it to its end."""
        assert self.take(application)
        self.ends(application, state, reason, restarted=state != "checked")


@contextmanager
def played(settings: Settings, region: str) -> Iterator[PlayedAgent]:
    """An agent that does what the test says. No region has been asked for anything before, nor at the end."""
    _forget(settings)
    with connected(settings, f"region-{region}") as cursor:
        agent = PlayedAgent(cursor, region)
        agent.is_alive()
        yield agent
        agent.is_alive(False)
    _forget(settings)


def _forget(settings: Settings) -> None:
    with connected(settings, "root") as root:
        root.execute("DELETE FROM application")
        root.execute("DELETE FROM configuration")
        root.execute("UPDATE region SET configuration = NULL, configuration_digest = NULL")


def api_waits(root: DictCursor) -> bool:
    """Whether the API waits for somebody's lock."""
    waiting = "SELECT 1 FROM information_schema.processlist WHERE user = 'api' AND command = 'Query' AND time_ms > 200"
    return root.execute(waiting) > 0


Outcome = Callable[[Row], tuple[str, str | None]]
"""What becomes of an application that is to be carried out: its end and the reason."""


@contextmanager
def working(settings: Settings, region: str, outcome: Outcome) -> Iterator[list[Row]]:
    """An agent of its own accord: takes what waits and ends it; yields what it has done."""
    stop, done = threading.Event(), []

    def work() -> None:
        with connected(settings, f"region-{region}") as cursor:
            agent = PlayedAgent(cursor, region)
            while not stop.wait(LOOK):
                agent.is_alive()
                application = agent.waiting()
                if application and agent.take(application["id"]):
                    _carry_out(agent, application, outcome)
                    done.append(application)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield done
    finally:
        stop.set()
        thread.join(10)


def _carry_out(agent: PlayedAgent, application: Row, outcome: Outcome) -> None:
    state, reason = outcome(application)
    for step in IN_FORCE[1:-1] if application["action"] != "check" and state != "refused" else ():
        agent.moves(application["id"], step)
    agent.ends(application["id"], state, reason, restarted=state in ("in-force", "rolled-back"))
