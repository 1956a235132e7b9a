"""The agent's thread that puts configurations in force: takes what MariaDB asks for, and reports what became of it.

MariaDB may go away once a task has been taken: the task goes on, and its outcome waits in `applying.json`.
"""

import fcntl
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final

import pymysql

from kemi import application as records
from kemi.agent.applications import Applications, Task
from kemi.agent.checking import read_host
from kemi.agent.database import Database, Link
from kemi.agent.switching import Switch
from kemi.application import Application, Outcome
from kemi.configuration import digest
from kemi.region import Region

LOOK_SECONDS: Final = 0.5
INTERRUPTED: Final = "the region's agent was stopped before it was done: ask again"

log = logging.getLogger("agent")


class Applying:
    """One region's. `adopt` is told the facts of each configuration that comes into force."""

    def __init__(self, region: Region, adopt: Callable[[Region], None]) -> None:
        """Errors: OSError, ValueError, KeyError, TypeError when `host.json` is wrong."""
        self._home = region.home
        self._adopt = adopt
        self._switch = Switch(region, read_host(region.home))
        self._applications = Applications(region.name)
        self._untold: Application | None = None
        self._known = ("", "")
        """Name and digest of what is in force."""

    def run(self, link: Link, stop: threading.Event) -> None:
        """Until `stop`. Of two agents of a region, one does this."""
        with (self._home / "applying.lock").open("w") as lock:
            while not _locked(lock.fileno()) or not self._recovered():
                if stop.wait(LOOK_SECONDS):
                    return
            while not stop.is_set():
                stop.wait(link.attempt(self.turn) or LOOK_SECONDS)
        link.close()

    def _recovered(self) -> bool:
        try:
            self._switch.recover()
            self._untold = records.read(self._home)
        except (OSError, sqlite3.Error) as error:
            log.warning("what an earlier agent left cannot be put in order yet: %s", error)
            return False
        return True

    def turn(self, database: Database) -> None:
        """Errors: pymysql.MySQLError."""
        self._tell(database)
        task = self._applications.next(database)
        if task is not None and task.state != "waiting":
            self._conclude(database, task)
            task = None
        previous = self._report(database)
        if task is not None:
            self._carry_out(database, task, previous)
            self._tell(database)

    def _tell(self, database: Database) -> None:
        """What became of the last one, and what is in force now."""
        done = self._untold
        if done is None or done.outcome is None:
            return
        self._applications.end(database, done.id, done.outcome, done.previous)
        full = self._in_force()[1]
        if done.outcome.state == "in-force" and self._applications.version(database, full) == done.version:
            self._applications.report(database, done.version, full)  # else a start has brought another meanwhile
        records.remove(self._home)
        self._untold = None

    def _conclude(self, database: Database, task: Task) -> None:
        """One that was not brought to its end, by an agent that was killed, or by this one when its disk failed. It is
        put in order; where no note is left, nothing says what became of it but what is in force.

        Errors: OSError, sqlite3.OperationalError, pymysql.MySQLError.
        """
        if not self._recovered():
            raise OSError("an application cannot be put in order yet")
        if self._untold is not None:
            self._tell(database)
            return
        version = self._applications.version(database, self._in_force()[1])
        if version == task.version and task.action != "check":
            outcome = Outcome("in-force", None, True, _now())
            self._applications.report(database, task.version, self._in_force()[1])
        else:
            outcome = Outcome("refused", INTERRUPTED, False, _now())
        self._applications.end(database, task.id, outcome, None)

    def _report(self, database: Database) -> int | None:
        """The version in force. What is so without having been asked for is what a start brought."""
        reported, (name, full) = self._applications.reported(database), self._in_force()
        if reported is None or reported.digest == full or not name:
            return reported.version if reported else None
        files = self._switch.configurations.files(name)
        version = self._applications.started(database, files, reported.version)
        log.info("version %d is in force: a start brought it", version)
        return version

    def _carry_out(self, database: Database, task: Task, previous: int | None) -> None:
        name = self._in_force()[0]
        if not self._applications.take(database, task, previous, _now()):
            return
        wanted = self._applications.files(database, task.version)
        plan = Application(task.id, task.version, previous, name, "")
        log.info("%s of version %d begins", task.action, task.version)

        def say(state: str) -> None:
            try:
                self._applications.say(database, task, state)
            except pymysql.MySQLError as error:
                log.warning("MariaDB cannot be told that it is %s: %s", state, error)

        if wanted is None:
            outcome = Outcome("refused", f"version {task.version} is not known", False, _now())
        elif task.action == "check":
            outcome = self._switch.check(*wanted)
        else:
            outcome = self._switch.apply(plan, *wanted, say)
        log.info("version %d: %s%s", task.version, outcome.state, f": {outcome.reason}" if outcome.reason else "")
        self._keep(plan.ended(outcome))

    def _keep(self, done: Application) -> None:
        """On disk, so that a restart of the agent loses nothing; else in memory, and nobody goes back for it."""
        self._untold = done
        try:
            records.write(self._home, done)
        except OSError as error:
            log.warning("what became of version %d cannot be kept on disk: %s", done.version, error)
            records.remove(self._home)
        region = self._switch.region()
        if region is not None:
            self._adopt(region)

    def _in_force(self) -> tuple[str, str]:
        """Name and digest; empty when nothing is. Errors: OSError when it cannot be read."""
        name = self._switch.configurations.in_force() or ""
        if name and name != self._known[0]:
            try:
                self._known = name, digest(self._switch.configurations.files(name))
            except ValueError as error:
                raise OSError(f"configuration {name} cannot be read: {error}") from error
        return self._known if name else ("", "")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
