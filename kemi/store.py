"""The region store: a SQLite database that one agent writes and Kamailio's timer process reads.

It holds what the region must know to serve without MariaDB and without its agent. Times are milliseconds since the
epoch. Kamailio loads this module: standard library only.
"""

import json
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from kemi.journal import Call
from kemi.stored import Changes, ColdStart, Command, Core, Credential, EmergencyNumber, Number, Peer, Region, UserAgent

_BUSY_MS = 10_000
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS credential(username TEXT PRIMARY KEY, id TEXT, ha1 TEXT, enabled INTEGER,
  version INTEGER, tenant TEXT, old_ha1 TEXT, old_until INTEGER, seq INTEGER);
CREATE INDEX IF NOT EXISTS credential_seq ON credential(seq);
CREATE INDEX IF NOT EXISTS credential_id ON credential(id);
CREATE TABLE IF NOT EXISTS peer(username TEXT, region TEXT, uid TEXT, address TEXT, port INTEGER, user_agent TEXT,
  since INTEGER, expires INTEGER, silent INTEGER, version INTEGER, seq INTEGER, PRIMARY KEY(username, region));
CREATE INDEX IF NOT EXISTS peer_seq ON peer(seq);
CREATE TABLE IF NOT EXISTS user_agent(id TEXT PRIMARY KEY, kind TEXT, pattern TEXT, seq INTEGER);
CREATE TABLE IF NOT EXISTS number(number TEXT PRIMARY KEY, username TEXT, tenant TEXT, present INTEGER, seq INTEGER);
CREATE INDEX IF NOT EXISTS number_seq ON number(seq);
CREATE TABLE IF NOT EXISTS core(id TEXT PRIMARY KEY, address TEXT, port INTEGER, state TEXT, seq INTEGER);
CREATE TABLE IF NOT EXISTS region(name TEXT PRIMARY KEY, address TEXT, state TEXT, seq INTEGER);
CREATE TABLE IF NOT EXISTS emergency_number(digits TEXT PRIMARY KEY, state TEXT, seq INTEGER);
CREATE TABLE IF NOT EXISTS command(n INTEGER PRIMARY KEY, entity TEXT, entity_id TEXT, data TEXT, seq INTEGER);
CREATE TABLE IF NOT EXISTS ledger(username TEXT PRIMARY KEY, version INTEGER, state TEXT);
CREATE TABLE IF NOT EXISTS ledger_block(uid TEXT PRIMARY KEY, until INTEGER, block TEXT);
CREATE TABLE IF NOT EXISTS ledger_call(id TEXT PRIMARY KEY, until INTEGER, call TEXT);
CREATE TABLE IF NOT EXISTS position(journal TEXT PRIMARY KEY, offset INTEGER);
"""
_ADDED = ("tenant TEXT", "old_ha1 TEXT", "old_until INTEGER")
"""Columns of `credential` that stores of before lack."""


def _create(path: Path) -> None:
    """An empty WAL store, mode 600, never open by its own name here: closing it would release SQLite's locks."""
    if path.exists():
        return
    file, new = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    os.close(file)
    with closing(sqlite3.connect(new)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    with suppress(FileExistsError):
        os.link(new, path)
    os.unlink(new)


class Store:
    """The agent's side. One object a thread; SQLite lets one write at a time. `db` serves for reads."""

    def __init__(self, path: Path) -> None:
        """Opens the store, or creates it with mode 600. Raises sqlite3.Error when it cannot."""
        _create(path)
        self.db = sqlite3.connect(path, timeout=_BUSY_MS / 1000, isolation_level=None)
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA temp_store = MEMORY")
        self._upgrade()
        # Grows even over a store that was lost and made anew: a reader never takes new rows for old ones.
        self.db.execute("INSERT OR IGNORE INTO meta VALUES ('seq', ?)", (str(time.time_ns() // 1_000_000),))

    def _upgrade(self) -> None:
        """A store of before credentials had tenants (and numbers were kept), old passwords, or other regions: no
        change number is known to it, so that everything is read afresh, and until then it serves with what it knows.
        """
        with self.transaction() as db:
            is_older = not list(db.execute("PRAGMA table_info(region)"))
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            columns = {name for _, name, *_ in db.execute("PRAGMA table_info(credential)")}
            missing = [column for column in _ADDED if column.split()[0] not in columns]
            for column in missing:
                db.execute(f"ALTER TABLE credential ADD COLUMN {column}")
            if missing or is_older:
                db.execute("UPDATE meta SET value = '-1' WHERE key = 'change'")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of what is written inside, or nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
            self.db.execute("COMMIT")
        finally:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")

    def next_seq(self) -> int:
        """Inside a transaction: the number that its rows carry."""
        seq = int(self.meta("seq") or 0) + 1
        self.set_meta("seq", str(seq))
        return seq

    def meta(self, key: str) -> str | None:
        """One value of `meta`."""
        row = self.db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        """Inside a transaction."""
        self.db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def change(self) -> int | None:
        """The change number that the store holds; None: never filled."""
        value = self.meta("change")
        return None if value is None else int(value)

    def positions(self) -> dict[str, int]:
        """How far each journal has been folded."""
        return dict(self.db.execute("SELECT journal, offset FROM position"))

    def close(self) -> None:
        self.db.close()


class StoreReader:
    """Kamailio's side: only reads, and takes a store that does not exist yet for an empty one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = str(path)
        self._db: sqlite3.Connection | None = None
        self._seen: tuple[int, int] | None = None
        self._noted: tuple[int, list[tuple[str]] | None] | None = None

    def has_changed(self) -> bool:
        """A cheap look: since the last call something came that the gateway must learn, or the file is another one."""
        seen = self._look()
        if seen == self._seen:
            return False
        noted = None if seen is None else (seen[0], self._numbers())
        changed = noted is None or noted[1] is None or noted != self._noted
        self._seen, self._noted = seen, noted
        return changed

    def changes_since(self, seq: int) -> Changes:
        """All rows with a higher sequence number than `seq`, as of one moment."""
        with self._reading() as db:
            return Changes() if db is None else _changes(db, seq)

    def cold_start(self) -> ColdStart:
        """Ledger, blocks and positions, as of one moment."""
        with self._reading() as db:
            return ColdStart() if db is None else _cold_start(db)

    def close(self) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    def _look(self) -> tuple[int, int] | None:
        try:
            inode = os.stat(self._name).st_ino
        except FileNotFoundError:
            return None
        if self._seen is not None and self._seen[0] != inode:
            self.close()
        version = self._open().execute("PRAGMA data_version").fetchone()[0]
        return inode, int(version)

    def _numbers(self) -> list[tuple[str]] | None:
        """Those that go up with whatever the gateway must learn. None: whoever reads the changes sees what is wrong."""
        try:
            return self._open().execute("SELECT value FROM meta WHERE key IN ('change', 'seq') ORDER BY key").fetchall()
        except sqlite3.OperationalError:
            return None

    def _open(self) -> sqlite3.Connection:
        """Open for writing: a reader must be able to recover the WAL of an agent that was killed. It writes no rows."""
        if self._db is None:
            uri = f"{self._path.absolute().as_uri()}?mode=rw"
            self._db = sqlite3.connect(uri, uri=True, timeout=_BUSY_MS / 1000, isolation_level=None)
            self._db.execute("PRAGMA query_only = ON")
        return self._db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        if not self._path.exists():
            yield None
            return
        db = self._open()
        db.execute("BEGIN")
        try:
            ready = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'position'").fetchone()[0]
            yield db if ready else None
        finally:
            db.execute("ROLLBACK")


def _changes(db: sqlite3.Connection, seq: int) -> Changes:
    meta = dict(db.execute("SELECT key, value FROM meta WHERE key IN ('seq', 'change')"))
    return Changes(
        seq=int(meta.get("seq", 0)),
        change=int(meta["change"]) if "change" in meta else None,
        credentials=[Credential._make(row) for row in _since(db, "credential", Credential._fields, seq)],
        peers=[Peer._make(row) for row in _since(db, "peer", Peer._fields, seq)],
        numbers=[Number._make(row) for row in _since(db, "number", Number._fields, seq)],
        cores=[Core._make(row) for row in _since(db, "core", Core._fields, seq)],
        regions=[Region._make(row) for row in _since(db, "region", Region._fields, seq)],
        emergency_numbers=[
            EmergencyNumber._make(row) for row in _since(db, "emergency_number", EmergencyNumber._fields, seq)
        ],
        user_agents=[UserAgent._make(row) for row in _since(db, "user_agent", UserAgent._fields, seq)],
        commands=[Command._make(row) for row in _since(db, "command", Command._fields, seq)],
    )


_LATER = ("number", "core", "region", "emergency_number")


def _since(db: sqlite3.Connection, table: str, columns: tuple[str, ...], seq: int) -> Iterable[tuple[Any, ...]]:
    """What an older agent did not keep is missing: the gateway starts without it, until the new agent has added it."""
    known = {name for _, name, *_ in db.execute(f"PRAGMA table_info({table})")}
    if not known and table in _LATER:
        return ()
    found = ", ".join("NULL" if known and column not in known else column for column in columns)
    return db.execute(f"SELECT {found} FROM {table} WHERE seq > ? ORDER BY seq", (seq,))  # noqa: S608


def _calls(db: sqlite3.Connection) -> list[Call]:
    """None in the store of an older agent."""
    known = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'ledger_call'").fetchone()[0]
    return [json.loads(text) for (text,) in db.execute("SELECT call FROM ledger_call")] if known else []


def _cold_start(db: sqlite3.Connection) -> ColdStart:
    return ColdStart(
        states=[json.loads(text) for (text,) in db.execute("SELECT state FROM ledger")],
        blocks=[json.loads(text) for (text,) in db.execute("SELECT block FROM ledger_block")],
        calls=_calls(db),
        positions=dict(db.execute("SELECT journal, offset FROM position")),
    )
