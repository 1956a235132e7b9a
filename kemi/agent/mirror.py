"""MariaDB → region store: credentials, User-Agent rules and commands, by change number.

The API writes each change in the transaction that takes its number, so whoever has seen N has seen all up to N. When
the numbers do not fit (first start, change log cut, database restored from a backup), everything is read afresh.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from pymysql.cursors import SSCursor

from kemi.agent.database import Database
from kemi.store import Store

log = logging.getLogger("agent")

_BATCH = 1000
_SNAPSHOT_BEYOND = 20_000
_COMMANDS_KEPT = 1000


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
        credentials = {change.entity_id for change in changes if change.entity == "credential"}
        rows = _credentials(database, sorted(credentials))
        rules = _user_agents(database) if any(change.entity == "user_agent" for change in changes) else None
        with self._store.transaction() as db:
            seq = self._store.next_seq()
            _put_credentials(db, seq, rows, credentials)
            if rules is not None:
                _put_user_agents(db, seq, rules)
            self._put_commands(db, seq, changes)
            self._finish(latest)

    def _snapshot(self, database: Database, known: int | None) -> None:
        """All rows as of one moment are staged in memory first, so that the store is locked for a moment only."""
        started = time.monotonic()
        db = self._store.db
        db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS staged(username TEXT PRIMARY KEY, id TEXT, ha1 TEXT, enabled INTEGER, "
            "version INTEGER)"
        )
        db.execute("DELETE FROM staged")
        with database.cursor() as cursor:
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT")
        latest, rules, recent = _counter(database), _user_agents(database), _recent_commands(database)
        count = _stage_credentials(database, db)
        database.commit()
        with self._store.transaction():
            seq = self._store.next_seq()
            _replace_credentials(db, seq)
            _put_user_agents(db, seq, rules)
            self._put_commands(db, seq, recent)
            self._finish(latest)
        db.execute("DELETE FROM staged")
        seconds = time.monotonic() - started
        log.info("snapshot: change %s → %d, %d credentials in %.2f s", known, latest, count, seconds)

    def _put_commands(self, db: sqlite3.Connection, seq: int, changes: Iterable[Change]) -> None:
        """Removals of bindings and lifts of blocks that are meant for this region."""
        mine = [change for change in changes if change.entity in {"binding", "block"} and self._is_mine(change.data)]
        db.executemany("INSERT OR REPLACE INTO command VALUES (?, ?, ?, ?, ?)", [(*change, seq) for change in mine])

    def _is_mine(self, data: str | None) -> bool:
        try:
            facts = json.loads(data or "null")
        except ValueError:
            return False
        return isinstance(facts, dict) and facts.get("region") == self._region

    def _finish(self, latest: int) -> None:
        self._store.set_meta("change", str(latest))


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
            "SELECT n, entity, entity_id, data FROM change_log WHERE entity IN ('binding', 'block') "
            "ORDER BY n DESC LIMIT %s",
            (_COMMANDS_KEPT,),
        )
        return [Change._make(row) for row in cursor.fetchall()]


def _credentials(database: Database, ids: Sequence[str]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    with database.cursor() as cursor:
        for start in range(0, len(ids), _BATCH):
            batch = ids[start : start + _BATCH]
            cursor.execute(
                "SELECT username, id, ha1, enabled, password_version FROM credential WHERE id IN %s", (batch,)
            )
            rows.extend(cursor.fetchall())
    return rows


def _user_agents(database: Database) -> list[tuple[Any, ...]]:
    with database.cursor() as cursor:
        cursor.execute("SELECT id, kind, pattern FROM user_agent")
        return list(cursor.fetchall())


def _stage_credentials(database: Database, db: sqlite3.Connection) -> int:
    with database.cursor(SSCursor) as cursor:
        cursor.execute("SELECT username, id, ha1, enabled, password_version FROM credential")
        while rows := cursor.fetchmany(_BATCH):
            db.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?, ?)", rows)
    return int(db.execute("SELECT count(*) FROM staged").fetchone()[0])


_PUT_STAGED = """INSERT INTO credential SELECT username, id, ha1, enabled, version, ? FROM staged WHERE true
ON CONFLICT(username) DO UPDATE
SET id = excluded.id, ha1 = excluded.ha1, enabled = excluded.enabled, version = excluded.version, seq = excluded.seq
WHERE (credential.id, credential.ha1, credential.enabled, credential.version)
IS NOT (excluded.id, excluded.ha1, excluded.enabled, excluded.version)"""


_DELETE_UNSTAGED = """UPDATE credential SET ha1 = NULL, enabled = 0, seq = ?
WHERE ha1 IS NOT NULL AND username NOT IN (SELECT username FROM staged)"""


def _put_credentials(db: sqlite3.Connection, seq: int, rows: Sequence[tuple[Any, ...]], asked: set[str]) -> None:
    """Rows as they are now; an id that was asked for and has no row is deleted."""
    db.executemany("INSERT OR REPLACE INTO credential VALUES (?, ?, ?, ?, ?, ?)", [(*row, seq) for row in rows])
    gone = asked - {row[1] for row in rows}
    db.executemany(
        "UPDATE credential SET ha1 = NULL, enabled = 0, seq = ? WHERE id = ? AND ha1 IS NOT NULL",
        [(seq, credential) for credential in gone],
    )


def _replace_credentials(db: sqlite3.Connection, seq: int) -> None:
    """Only rows that differ get the new number, so that the gateway has little to do."""
    db.execute(_PUT_STAGED, (seq,))
    db.execute(_DELETE_UNSTAGED, (seq,))


def _put_user_agents(db: sqlite3.Connection, seq: int, rules: Iterable[tuple[Any, ...]]) -> None:
    db.execute("UPDATE user_agent SET kind = 'gone', seq = ?", (seq,))
    db.executemany("INSERT OR REPLACE INTO user_agent VALUES (?, ?, ?, ?)", [(*rule, seq) for rule in rules])
