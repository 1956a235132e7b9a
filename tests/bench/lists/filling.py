"""Fills a database with as many rows as a large deployment has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from pymysql.cursors import Cursor
from rich.progress import Progress

from tests.bench.lists import rows

CHUNK = 100_000


@dataclass(frozen=True)
class Sizes:
    """How many rows."""

    tenants: int
    credentials: int
    numbers: int
    bindings: int
    blocks: int
    audit: int
    events: int
    cdrs: int
    live: int


def fill(cursor: Cursor, sizes: Sizes, progress: Progress) -> None:
    """Make all rows; indexes of the large tables are made afterwards, which takes a fraction of the time."""
    cursor.execute("SET SESSION unique_checks = 0, foreign_key_checks = 0")
    steps = {
        rows.TENANTS: sizes.tenants,
        rows.CREDENTIALS: sizes.credentials,
        rows.PASSWORDS_USED: sizes.credentials,
        rows.PEOPLE: sizes.tenants,
        rows.NUMBERS: sizes.numbers,
        rows.BINDINGS: sizes.bindings,
        rows.BLOCKS: sizes.blocks,
        rows.AUDIT: sizes.audit,
    }
    for statement, count in steps.items():
        _insert(cursor, statement, count, sizes, progress)
    for table, statement, count in (("event", rows.EVENTS, sizes.events), ("cdr", rows.CDRS, sizes.cdrs)):
        with _indexes_made_afterwards(cursor, table, progress):
            _insert(cursor, statement, count, sizes, progress)
    _analyze(cursor, progress)


def _insert(cursor: Cursor, statement: str, count: int, sizes: Sizes, progress: Progress) -> None:
    task = progress.add_task(statement.split()[2], total=count)
    for first in range(0, count, CHUNK):
        last = min(first + CHUNK, count) - 1
        cursor.execute(statement.format(n="n", first=first, last=last, **asdict(sizes)))
        progress.update(task, completed=last + 1)


@contextmanager
def _indexes_made_afterwards(cursor: Cursor, table: str, progress: Progress) -> Iterator[None]:
    indexes = _indexes(cursor, table)
    cursor.execute(f"ALTER TABLE {table} {', '.join(f'DROP INDEX {name}' for name in indexes)}")
    yield
    task = progress.add_task(f"{table}: indexes", total=len(indexes))
    for name, columns in indexes.items():
        cursor.execute(f"ALTER TABLE {table} ADD INDEX {name} ({columns})")
        progress.advance(task)


def _indexes(cursor: Cursor, table: str) -> dict[str, str]:
    """The columns of each index but the primary key."""
    cursor.execute(
        "SELECT index_name, GROUP_CONCAT(column_name ORDER BY seq_in_index) FROM information_schema.statistics"
        " WHERE table_schema = DATABASE() AND table_name = %s AND non_unique GROUP BY index_name",
        (table,),
    )
    return dict(cursor.fetchall())


def _analyze(cursor: Cursor, progress: Progress) -> None:
    tables = ("tenant", "credential", "number", "binding", "block", "audit", "event", "cdr")
    task = progress.add_task("statistics", total=len(tables))
    for table in tables:
        cursor.execute(f"ANALYZE TABLE {table}")
        progress.advance(task)
