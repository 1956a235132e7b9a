"""What of MariaDB a region keeps: tables of many rows that are read by key, and short lists that are read whole.

Rows that are gone stay, marked, so that the gateway learns of it; a row that did not change keeps its sequence
number, so that the gateway has little to do.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pymysql.cursors import SSCursor

from kemi.agent.database import Database
from kemi.canary import CANARY, CANARY_CORE

_BATCH = 1000

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Some:
    """The rows with some keys as they are now; a key without a row is gone."""

    table: "Keyed"
    keys: Sequence[str]
    rows: Sequence[Row]

    def put(self, db: sqlite3.Connection, seq: int) -> None:
        """Inside a transaction."""
        table = self.table
        db.executemany(table.insert, [(*row, seq) for row in self.rows])
        gone = set(self.keys) - {row[table.place] for row in self.rows}
        statement = f"UPDATE {table.name} SET {table.gone}, seq = ? WHERE {table.key} = ? AND {table.here}"  # noqa: S608
        db.executemany(statement, [(seq, key) for key in sorted(gone)])


@dataclass(frozen=True)
class Keyed:
    """A table of many rows. `key` names them in the change log, `select` reads `columns` from MariaDB in their order.

    `gone` marks a row of the store as deleted, `here` tells one that is not.
    """

    entity: str
    name: str
    key: str
    columns: tuple[str, ...]
    select: str
    where: str
    gone: str
    here: str

    @property
    def place(self) -> int:
        """The key's place among the columns."""
        return self.columns.index(self.key)

    @property
    def primary(self) -> str:
        """The store's primary key is the first column."""
        return self.columns[0]

    @property
    def insert(self) -> str:
        names = ", ".join((*self.columns, "seq"))
        marks = ", ".join("?" * (len(self.columns) + 1))
        return f"INSERT OR REPLACE INTO {self.name} ({names}) VALUES ({marks})"  # noqa: S608

    def read_some(self, database: Database, keys: Sequence[str]) -> Some:
        """Errors: pymysql.MySQLError."""
        rows: list[Row] = []
        with database.cursor() as cursor:
            for start in range(0, len(keys), _BATCH):
                cursor.execute(f"{self.select} WHERE {self.where} IN %s", (keys[start : start + _BATCH],))
                rows.extend(cursor.fetchall())
        return Some(self, keys, rows)

    def stage(self, database: Database, db: sqlite3.Connection) -> int:
        """Reads all rows into a table in memory, so that the store is locked for a moment only; returns how many."""
        names = ", ".join(self.columns)
        db.execute(f"CREATE TEMP TABLE IF NOT EXISTS staged_{self.name}({names}, PRIMARY KEY({self.primary}))")
        self.unstage(db)
        marks = ", ".join("?" * len(self.columns))
        with database.cursor(SSCursor) as cursor:
            cursor.execute(self.select)
            while rows := cursor.fetchmany(_BATCH):
                db.executemany(f"INSERT OR REPLACE INTO staged_{self.name} VALUES ({marks})", rows)  # noqa: S608
        return int(db.execute(f"SELECT count(*) FROM staged_{self.name}").fetchone()[0])  # noqa: S608

    def put_staged(self, db: sqlite3.Connection, seq: int) -> None:
        """Inside a transaction: the store holds what was staged."""
        names, others = ", ".join(self.columns), [name for name in self.columns if name != self.primary]
        old = ", ".join(f"{self.name}.{name}" for name in others)
        new = ", ".join(f"excluded.{name}" for name in others)
        changes = ", ".join(f"{name} = excluded.{name}" for name in (*others, "seq"))
        db.execute(
            f"INSERT INTO {self.name} ({names}, seq) SELECT {names}, ? FROM staged_{self.name} WHERE true "  # noqa: S608
            f"ON CONFLICT({self.primary}) DO UPDATE SET {changes} WHERE ({old}) IS NOT ({new})",
            (seq,),
        )
        db.execute(
            f"UPDATE {self.name} SET {self.gone}, seq = ? WHERE {self.here} "  # noqa: S608
            f"AND {self.primary} NOT IN (SELECT {self.primary} FROM staged_{self.name}) "
            f"AND ifnull(username, '') NOT LIKE '{CANARY}%'",
            (seq,),
        )

    def unstage(self, db: sqlite3.Connection) -> None:
        db.execute(f"DELETE FROM staged_{self.name}")  # noqa: S608


@dataclass(frozen=True)
class List:
    """A short table that is read whole. `columns` begin with the primary key; `mark` tells a row that is gone."""

    entity: str
    name: str
    columns: tuple[str, ...]
    select: str
    mark: str

    def read(self, database: Database, region: str) -> list[Row]:
        """Errors: pymysql.MySQLError."""
        with database.cursor() as cursor:
            cursor.execute(self.select, {"region": region})
            return list(cursor.fetchall())

    def put(self, db: sqlite3.Connection, seq: int, rows: Iterable[Row]) -> None:
        """Inside a transaction."""
        names = ", ".join((*self.columns, "seq"))
        marks = ", ".join("?" * (len(self.columns) + 1))
        gone = f"UPDATE {self.name} SET {self.mark} = 'gone', seq = ? WHERE {self.mark} <> '{CANARY_CORE}'"  # noqa: S608
        db.execute(gone, (seq,))
        db.executemany(
            f"INSERT OR REPLACE INTO {self.name} ({names}) VALUES ({marks})",  # noqa: S608
            [(*row, seq) for row in rows],
        )


KEYED: Final = (
    Keyed(
        "credential",
        "credential",
        "id",
        ("username", "id", "ha1", "enabled", "version", "tenant", "old_ha1", "old_until"),
        "SELECT username, id, ha1, enabled, password_version, tenant, old_ha1,"
        " TIMESTAMPDIFF(MICROSECOND, '1970-01-01', old_until) DIV 1000 FROM credential",
        "id",
        "ha1 = NULL, enabled = 0, old_ha1 = NULL, old_until = NULL",
        "ha1 IS NOT NULL",
    ),
    Keyed(
        "number",
        "number",
        "number",
        ("number", "username", "tenant", "present"),
        "SELECT number.number, credential.username, number.tenant, 1 FROM number"
        " LEFT JOIN credential ON credential.id = number.credential",
        "number.number",
        "present = 0",
        "present = 1",
    ),
)
LISTS: Final = (
    List("user_agent", "user_agent", ("id", "kind", "pattern"), "SELECT id, kind, pattern FROM user_agent", "kind"),
    List(
        "core",
        "core",
        ("id", "address", "port", "state"),
        "SELECT id, address, port, IF(enabled, 'enabled', 'disabled') FROM core WHERE region = %(region)s",
        "state",
    ),
    List(
        "region",
        "region",
        ("name", "address", "state"),
        "SELECT other.name, other.address, other.state FROM region other JOIN region own ON own.name = %(region)s"
        " WHERE other.name <> own.name AND other.state <> 'out' AND own.state <> 'out'",
        "state",
    ),
    List(
        "emergency_number",
        "emergency_number",
        ("digits", "state"),
        "SELECT digits, 'listed' FROM emergency_number",
        "state",
    ),
)
