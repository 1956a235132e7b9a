"""Journals → MariaDB, each record exactly once.

A batch and the position behind it go in one transaction, which begins by reading that position under lock. So nothing
is lost or doubled when the agent is killed, when a commit's outcome is unknown, or when a predecessor's commit is still
on its way.
"""

import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pymysql
from pymysql.constants import ER
from pymysql.cursors import Cursor

from kemi.agent import rows, statements
from kemi.agent.calls import calls
from kemi.agent.database import Database
from kemi.agent.history import registrations
from kemi.agent.past import START, forget_registrations, purge_bindings
from kemi.agent.ring import Ring
from kemi.agent.sweep import vanished
from kemi.agent.uses import PasswordUses
from kemi.journal import Batch, Record, Tail

log = logging.getLogger("agent")

BATCH = 2000

_REFUSED_CODES = {ER.TRUNCATED_WRONG_VALUE, ER.TRUNCATED_WRONG_VALUE_FOR_FIELD, ER.CONSTRAINT_FAILED}


class Shipper:
    """Ships one region's journals."""

    def __init__(self, region: str, journals: Path, ring: Ring) -> None:
        self._region = region
        self._journals = journals
        self._ring = ring
        self._looked = START
        self._tail = Tail(journals)
        self._uses = PasswordUses(region)

    @property
    def positions(self) -> dict[str, int]:
        """How far each journal is known to have been shipped."""
        return dict(self._tail.positions)

    def ship(self, database: Database) -> bool:
        """Ship one batch; whether it was full. Errors: pymysql.MySQLError; all of it is there then, or nothing."""
        if not self._tail.peek(1).positions:
            return False
        database.begin()
        with database.cursor() as cursor:
            self._tail.positions = self._read_positions(cursor)
            batch = _without_canaries(self._tail.peek(BATCH))
            self._write(cursor, batch)
            uses = self._uses.first(batch.records)
            _put(cursor, statements.INSERT_USE, uses)
        database.commit()
        self._uses.remember(uses)
        self._tail.advance(batch)
        return len(batch.records) >= BATCH

    def purge(self, database: Database) -> None:
        """Drop rows that say nothing any more: bindings that ended over an hour ago, positions of deleted journals."""
        gone = vanished(self._journals, self._tail.positions)
        purge_bindings(database, self._region)
        with database.cursor() as cursor:
            cursor.executemany(statements.DELETE_POSITION, [(self._region, name) for name in gone])
        for name in gone:
            del self._tail.positions[name]

    def forget(self, database: Database) -> None:
        """Look at the next piece of accepted registrations, and drop those of credentials that are deleted."""
        self._looked = forget_registrations(database, self._region, self._looked)

    def _read_positions(self, cursor: Cursor) -> dict[str, int]:
        cursor.execute(statements.READ_POSITIONS, (self._region,))
        return {str(journal): int(offset) for journal, offset in cursor.fetchall()}

    def _write(self, cursor: Cursor, batch: Batch) -> None:
        cursor.execute("SAVEPOINT batch")
        try:
            self._write_records(cursor, batch.records)
        except pymysql.MySQLError as error:
            _raise_unless_refused(error)
            cursor.execute("ROLLBACK TO SAVEPOINT batch")
            self._write_singly(cursor, batch.records)
        cursor.executemany(statements.PUT_POSITION, [(self._region, *item) for item in batch.positions.items()])

    def _write_singly(self, cursor: Cursor, records: Sequence[Record]) -> None:
        """Some record is refused: each for itself, so that one does not stop the others for ever."""
        for record in records:
            cursor.execute("SAVEPOINT single")
            try:
                self._write_records(cursor, [record])
            except pymysql.MySQLError as error:
                _raise_unless_refused(error)
                cursor.execute("ROLLBACK TO SAVEPOINT single")
                self._put_aside(record, error)

    def _put_aside(self, record: Record, error: Exception) -> None:
        log.error("MariaDB refuses a journal record, kept in refused.jsonl: %s", error)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        with open(os.open(self._journals / "refused.jsonl", flags, 0o600), "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def _write_records(self, cursor: Cursor, records: Sequence[Record]) -> None:
        self._write_events(cursor, records)
        self._write_blocks(cursor, records)
        _put(cursor, statements.PUT_CALL, calls(self._region, records))
        self._write_bindings(cursor, records)
        _put(cursor, statements.PUT_REGISTRATION, registrations(self._ring, self._region, records))

    def _write_events(self, cursor: Cursor, records: Sequence[Record]) -> None:
        events = [
            rows.event(self._region, record, record["e"]) for record in records if isinstance(record.get("e"), dict)
        ]
        _put(cursor, statements.INSERT_EVENT, events)

    def _write_blocks(self, cursor: Cursor, records: Sequence[Record]) -> None:
        blocks = [rows.block(self._region, record, record["x"]) for record in records if rows.is_block(record.get("x"))]
        _put(cursor, statements.PUT_BLOCK, blocks)

    def _write_bindings(self, cursor: Cursor, records: Sequence[Record]) -> None:
        states = rows.states(records)
        if not states:
            return
        sync = self._next_sync(cursor)
        _put(
            cursor,
            statements.PUT_BINDING,
            [rows.binding(self._region, record, state, sync) for record, state in states],
        )

    def _next_sync(self, cursor: Cursor) -> int:
        """The number of this batch. The row stays locked until the commit, so that no reader can miss a lower one."""
        cursor.execute(statements.NEXT_SYNC, (self._region,))
        cursor.execute("SELECT LAST_INSERT_ID()")
        return int((cursor.fetchone() or (0,))[0])


def _without_canaries(batch: Batch) -> Batch:
    """What a canary did is nobody's business. Anybody can call himself one, but not from this machine."""
    return Batch([record for record in batch.records if not rows.is_a_canary_s(record)], batch.positions)


def _put(cursor: Cursor, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
    if values:
        cursor.executemany(statement, values)


def _raise_unless_refused(error: pymysql.MySQLError) -> None:
    """Raise it again when it is the server's fault. A row's fault stays: the same row would be refused for ever."""
    if isinstance(error, pymysql.err.DataError | pymysql.err.IntegrityError):
        return
    if not error.args or error.args[0] not in _REFUSED_CODES:
        raise error
