"""MariaDB → region store: credentials, numbers, short lists and commands, by change number.

The API writes each change in the transaction that takes its number, so whoever has seen N has seen all up to N. When
the numbers do not fit (first start, change log cut, database restored from a backup), everything is read afresh.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from kemi.agent.database import Database
from kemi.agent.tables import KEYED, LISTS
from kemi.store import Store

log = logging.getLogger("agent")

_SNAPSHOT_BEYOND = 20_000
_COMMANDS_KEPT = 1000
_COMMANDS = ("binding", "block", "call", "calls_of")


class Change(NamedTuple):
    """A row of change_log."""

    n: int
    entity: str
    entity_id: str
    data: str | None


class Mirror:
    """Keeps one region's store equal to what MariaDB says."""

    def __init__(self, region: str, store: Store) -> None:
        self._region = region
        self._store = store

    def pull(self, database: Database) -> None:
        """Bring the store up to the counter's number, or leave it. Errors: pymysql.MySQLError, sqlite3.Error."""
        known, latest = self._store.change(), _counter(database)
        if known == latest:
            return
        changes = None if known is None else _changes(database, known, latest)
        if changes is None:
            self._snapshot(database, known)
        else:
            self._apply(database, changes, latest)

    def _apply(self, database: Database, changes: Sequence[Change], latest: int) -> None:
        news = [keyed.read_some(database, _named(changes, keyed.entity)) for keyed in KEYED]
        lists = [(each, each.read(database, self._region)) for each in LISTS if _named(changes, each.entity)]
        with self._store.transaction() as db:
            seq = self._store.next_seq()
            for some in news:
                some.put(db, seq)
            for each, rows in lists:
                each.put(db, seq, rows)
            self._put_commands(db, seq, changes)
            self._finish(latest)

    def _snapshot(self, database: Database, known: int | None) -> None:
        """All rows as of one moment are staged in memory first, so that the store is locked for a moment only."""
        started = time.monotonic()
        db = self._store.db
        with database.cursor() as cursor:
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        latest, recent = _counter(database), _recent_commands(database)
        lists = [(each, each.read(database, self._region)) for each in LISTS]
        counts = [keyed.stage(database, db) for keyed in KEYED]
        database.commit()
        with self._store.transaction():
            seq = self._store.next_seq()
            for keyed in KEYED:
                keyed.put_staged(db, seq)
            for each, rows in lists:
                each.put(db, seq, rows)
            self._put_commands(db, seq, recent)
            self._finish(latest)
        for keyed in KEYED:
            keyed.unstage(db)
        seconds = time.monotonic() - started
        log.info("snapshot: change %s → %d, %d credentials, %d numbers in %.2f s", known, latest, *counts, seconds)

    def _put_commands(self, db: sqlite3.Connection, seq: int, changes: Iterable[Change]) -> None:
        """Bindings to remove, blocks to lift and calls to end that are this region's."""
        mine = [change for change in changes if change.entity in _COMMANDS and self._is_mine(change.data)]
        db.executemany("INSERT OR REPLACE INTO command VALUES (?, ?, ?, ?, ?)", [(*change, seq) for change in mine])

    def _is_mine(self, data: str | None) -> bool:
        try:
            facts = json.loads(data or "null")
        except ValueError:
            return False
        return isinstance(facts, dict) and facts.get("region") == self._region

    def _finish(self, latest: int) -> None:
        self._store.set_meta("change", str(latest))


def _named(changes: Sequence[Change], entity: str) -> list[str]:
    return sorted({change.entity_id for change in changes if change.entity == entity})


def _counter(database: Database) -> int:
    with database.cursor() as cursor:
        cursor.execute("SELECT n FROM change_counter")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _changes(database: Database, known: int, latest: int) -> list[Change] | None:
    """The changes after `known`; None when they do not lead from there to `latest`, or are too many to be worth it."""
    if not 0 < latest - known <= _SNAPSHOT_BEYOND:
        return None
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT n, entity, entity_id, data FROM change_log WHERE n > %s AND n <= %s ORDER BY n", (known, latest)
        )
        changes = [Change._make(row) for row in cursor.fetchall()]
    return changes if len(changes) == latest - known else None


def _recent_commands(database: Database) -> list[Change]:
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT n, entity, entity_id, data FROM change_log WHERE entity IN %s ORDER BY n DESC LIMIT %s",
            (_COMMANDS, _COMMANDS_KEPT),
        )
        return [Change._make(row) for row in cursor.fetchall()]
