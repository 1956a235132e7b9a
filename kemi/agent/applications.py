"""What MariaDB knows of a region's configurations, and of what was asked to be done with them."""

import json
from dataclasses import dataclass
from typing import Any, Final

import pymysql
from pymysql.constants import ER

from kemi.agent.database import Database
from kemi.agent.rows import moment
from kemi.application import Outcome
from kemi.configuration import digest

ENDED: Final = ("checked", "in-force", "refused", "rolled-back", "withdrawn")
LONGEST_REASON: Final = 1000
ATTEMPTS: Final = 20

_UNDER_WAY = """SELECT id, version, action, state FROM application
WHERE region = %s AND state IN ('waiting', 'checking', 'switching', 'trying') ORDER BY id LIMIT 1"""
_TAKE = "UPDATE application SET state = 'checking', began_at = %s, previous = %s WHERE id = %s AND state = 'waiting'"
_STATE = "UPDATE application SET state = %s WHERE id = %s"
_END = """UPDATE application SET state = %s, reason = %s, restarted = %s, ended_at = %s, previous = ifnull(%s, previous)
WHERE id = %s"""
_START = """INSERT INTO application
(region, version, action, state, previous, began_at, ended_at, restarted, actor_kind)
VALUES (%s, %s, 'start', 'in-force', %s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), TRUE, 'service')"""
_REPORT = "UPDATE region SET configuration = %s, configuration_digest = %s WHERE name = %s"
_STORE = "INSERT INTO configuration (region, version, digest, files, actor_kind) VALUES (%s, %s, %s, %s, 'service')"


@dataclass(frozen=True)
class Task:
    """A row of `application` that is not ended."""

    id: int
    version: int
    action: str
    state: str


@dataclass(frozen=True)
class Reported:
    """What MariaDB says is in force; None where it has not been told."""

    version: int | None
    digest: str | None


class Applications:
    """One region's. Errors of all methods: pymysql.MySQLError."""

    def __init__(self, region: str) -> None:
        self._region = region

    def next(self, database: Database) -> Task | None:
        """The oldest that is not ended."""
        row = _one(database, _UNDER_WAY, self._region)
        return None if row is None else Task(int(row[0]), int(row[1]), str(row[2]), str(row[3]))

    def take(self, database: Database, task: Task, previous: int | None, now: int) -> bool:
        """Whether it was still waiting, and nobody else took it; `now` is milliseconds since the epoch."""
        with database.cursor() as cursor:
            return bool(cursor.execute(_TAKE, (moment(now), previous, task.id)))

    def say(self, database: Database, task: Task, state: str) -> None:
        """How far it is."""
        with database.cursor() as cursor:
            cursor.execute(_STATE, (state, task.id))

    def end(self, database: Database, number: int, outcome: Outcome, previous: int | None) -> None:
        """Doing it twice does no harm."""
        reason = outcome.reason[:LONGEST_REASON] if outcome.reason else None
        values = (outcome.state, reason, outcome.restarted, moment(outcome.ended_at), previous, number)
        with database.cursor() as cursor:
            cursor.execute(_END, values)

    def files(self, database: Database, version: int) -> tuple[Any, str] | None:
        """What should be files by name, and the digest that they should have."""
        statement = "SELECT files, digest FROM configuration WHERE region = %s AND version = %s"
        row = _one(database, statement, self._region, version)
        try:
            return None if row is None else (json.loads(row[0]), str(row[1]))
        except ValueError:
            return None, str(row[1]) if row else ""

    def version(self, database: Database, full: str) -> int | None:
        """That which has this digest."""
        row = _one(database, "SELECT version FROM configuration WHERE region = %s AND digest = %s", self._region, full)
        return None if row is None else int(row[0])

    def reported(self, database: Database) -> Reported | None:
        """None when MariaDB does not know the region."""
        row = _one(database, "SELECT configuration, configuration_digest FROM region WHERE name = %s", self._region)
        return None if row is None else Reported(*row)

    def report(self, database: Database, version: int, full: str) -> None:
        with database.cursor() as cursor:
            cursor.execute(_REPORT, (version, full, self._region))

    def started(self, database: Database, files: dict[str, str], previous: int | None) -> int:
        """Tells what a start has brought into force, and stores it if need be; its version."""
        version = self._stored(database, files)
        with database.cursor() as cursor:
            database.begin()
            cursor.execute(_START, (self._region, version, previous))
            cursor.execute(_REPORT, (version, digest(files), self._region))
            database.commit()
        return version

    def _stored(self, database: Database, files: dict[str, str]) -> int:
        """Another may store one meanwhile, and take its number."""
        full = digest(files)
        for _ in range(ATTEMPTS):
            known = self.version(database, full)
            if known is not None:
                return known
            row = _one(database, "SELECT max(version) FROM configuration WHERE region = %s", self._region)
            version = 1 + int((row or (0,))[0] or 0)
            try:
                with database.cursor() as cursor:
                    cursor.execute(_STORE, (self._region, version, full, json.dumps(files, sort_keys=True)))
                return version
            except pymysql.err.IntegrityError as error:
                if error.args[0] != ER.DUP_ENTRY:
                    raise
        raise pymysql.err.OperationalError(0, "the number of a configuration was taken each time")


def _one(database: Database, statement: str, *values: object) -> tuple[Any, ...] | None:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()
