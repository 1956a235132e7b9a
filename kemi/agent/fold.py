"""Journals → region store: the latest state of each credential and of each block, so that a cold start replays little.

Needs no MariaDB. The order in which records are folded does not matter, nor does folding one twice.
"""

import json
import sqlite3
import time
from pathlib import Path

from kemi.agent import rows
from kemi.agent.sweep import vanished
from kemi.agent.tables import KEYED, LISTS
from kemi.calls import merged
from kemi.journal import Batch, Block, Call, Record, Tail, canonical, newer_block
from kemi.store import Store

BATCH = 5000
KEPT_MS = 3_600_000
KEPT_ENDED_MS = 60_000
"""Of a call whose slot has come back: lines about it may still be on their way."""
_COMMANDS_KEPT = 1000

_PUT_STATE = """INSERT INTO ledger VALUES (?, ?, ?) ON CONFLICT(username) DO UPDATE
SET version = excluded.version, state = excluded.state
WHERE (excluded.version, excluded.state) > (ledger.version, ledger.state)"""

_PRUNE_STATES = """DELETE FROM ledger WHERE version < :before
AND ifnull(json_extract(state, '$.clock'), 0) < :before AND ifnull(json_extract(state, '$.streak'), 0) = 0
AND ifnull(json_extract(state, '$.b.exp'), 0) < :before"""


def now_ms() -> int:
    """The clock that journals and store use."""
    return time.time_ns() // 1_000_000


_GONE = {table.name: f"NOT ({table.here})" for table in KEYED} | {each.name: f"{each.mark} = 'gone'" for each in LISTS}
"""Table of the store → what its rows are like that the gateway has been told are gone."""


class Folder:
    """Folds one region's journals into its store."""

    def __init__(self, store: Store, journals: Path) -> None:
        self._store = store
        self._journals = journals
        self._tail = Tail(journals, store.positions())

    @property
    def positions(self) -> dict[str, int]:
        """How far each journal has been folded."""
        return dict(self._tail.positions)

    def fold(self) -> bool:
        """Fold one batch, with its positions in the same transaction; whether it was full. Errors: sqlite3.Error."""
        batch = self._tail.peek(BATCH)
        if not batch.positions:
            return False
        self._write(batch)
        self._tail.advance(batch)
        return len(batch.records) >= BATCH

    def prune(self, now: int, applied_seq: int) -> None:
        """Drop what says nothing any more, and marks of deletion that the gateway has applied (up to `applied_seq`)."""
        before = now - KEPT_MS
        with self._store.transaction() as db:
            db.execute(_PRUNE_STATES, {"before": before})
            db.execute("DELETE FROM ledger_block WHERE until < ?", (before,))
            db.execute("DELETE FROM ledger_call WHERE until BETWEEN 1 AND ?", (now,))
            db.execute("DELETE FROM peer WHERE expires < ? AND seq <= ?", (before, applied_seq))
            for table, gone in _GONE.items():
                db.execute(f"DELETE FROM {table} WHERE {gone} AND seq <= ?", (applied_seq,))  # noqa: S608
            db.execute(
                "DELETE FROM command WHERE seq <= ? AND n NOT IN (SELECT n FROM command ORDER BY n DESC LIMIT ?)",
                (applied_seq, _COMMANDS_KEPT),
            )

    def forget_deleted(self) -> None:
        """Drop positions of journals that have been deleted."""
        gone = vanished(self._journals, self._tail.positions)
        if not gone:
            return
        with self._store.transaction() as db:
            db.executemany("DELETE FROM position WHERE journal = ?", [(name,) for name in gone])
        for name in gone:
            del self._tail.positions[name]

    def _write(self, batch: Batch) -> None:
        states = [state for _, state in rows.states(batch.records)]
        with self._store.transaction() as db:
            db.executemany(_PUT_STATE, [(state["u"], state["v"], canonical(state)) for state in states])
            _put_blocks(db, batch.records)
            _put_calls(db, batch.records)
            db.executemany("INSERT OR REPLACE INTO position VALUES (?, ?)", batch.positions.items())


def _put_blocks(db: sqlite3.Connection, records: list[Record]) -> None:
    for record in records:
        if rows.is_block(record.get("x")):
            _put_block(db, record["x"])


def _put_block(db: sqlite3.Connection, block: Block) -> None:
    row = db.execute("SELECT block FROM ledger_block WHERE uid = ?", (block["id"],)).fetchone()
    block = newer_block(json.loads(row[0]) if row else None, block)
    until = rows.number(block.get("until"), 2**62) or 0
    db.execute("INSERT OR REPLACE INTO ledger_block VALUES (?, ?, ?)", (block["id"], until, canonical(block)))


def _put_calls(db: sqlite3.Connection, records: list[Record]) -> None:
    """Calls in progress, and those whose slot is held (`until`); of an attempt that was refused nothing remains."""
    calls: dict[str, Call] = {}
    for record in records:
        line = record.get("c")
        if isinstance(line, dict) and isinstance(line.get("id"), str):
            known = calls.get(line["id"]) or _read_call(db, line["id"])
            calls[line["id"]] = merged(known, line) if known else line
    for uid, call in calls.items():
        if "s" in call and "e" in call and not call.get("fr"):
            db.execute("DELETE FROM ledger_call WHERE id = ?", (uid,))
        else:
            ended = call.get("fr", 0) + KEPT_ENDED_MS if "e" in call else 0
            # A word about a call whose beginning is in a file not read yet; or it is over, and nothing will come.
            until = ended if "s" in call else now_ms() + KEPT_MS
            db.execute("INSERT OR REPLACE INTO ledger_call VALUES (?, ?, ?)", (uid, until, canonical(call)))


def _read_call(db: sqlite3.Connection, uid: str) -> Call | None:
    row = db.execute("SELECT call FROM ledger_call WHERE id = ?", (uid,)).fetchone()
    return json.loads(row[0]) if row else None
