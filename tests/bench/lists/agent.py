"""What keeping usage costs a region's agent: a batch of calls with the triggers of sql/0008_lists.sql, and without."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from pymysql.cursors import Cursor

from kemi.agent.calls import Call
from kemi.agent.statements import PUT_CALL
from tests.bench.lists import samples
from tests.bench.lists.place import connected, running, settings_in

CALLS = 500
"""Each with four lines, which come in four batches: so many records as one batch of the agent has at most."""


def lines(call: int, begun: datetime) -> Iterator[dict[str, Any]]:
    """What a call's lines say, each more than the one before."""
    known = dict.fromkeys(Call._fields) | {
        "id": f"c-bench-{call}",
        "region": "nw1",
        "emergency": 0,
        "started_at": begun,
    }
    caller = {"credential": samples.credential(call), "username": samples.username(call), "tenant": f"t-{call % 50}"}
    parties = {"caller": samples.number(call), "callee": "+13005550100", "address": "192.0.2.7", "port": 5062}
    yield known | caller | parties | {"direction": "outbound", "call_id": "x"}
    yield known | {"rang_at": begun + timedelta(seconds=1), "core": "192.0.2.200:5060"}
    yield known | {"answered_at": begun + timedelta(seconds=5)}
    yield known | {"ended_at": begun + timedelta(seconds=65), "ended_by": "caller", "code": 200}


def shipped(cursor: Cursor) -> float:
    """Milliseconds that all lines of the calls take; nothing of them stays."""
    begun = datetime.now(UTC).replace(tzinfo=None)
    batches = zip(*(list(lines(call, begun)) for call in range(CALLS)), strict=True)
    rows = [[tuple(line[name] for name in Call._fields) for line in batch] for batch in batches]
    cursor.execute("START TRANSACTION")
    started = time.perf_counter()
    for batch in rows:
        cursor.executemany(PUT_CALL, batch)
    took = 1000 * (time.perf_counter() - started)
    cursor.execute("ROLLBACK")
    return took


@contextmanager
def without_triggers(cursor: Cursor) -> Iterator[None]:
    """They are made again at the end."""
    cursor.execute("SHOW TRIGGERS LIKE 'cdr'")
    names = [row[0] for row in cursor.fetchall()]
    made = [_creation(cursor, name) for name in names]
    for name in names:
        cursor.execute(f"DROP TRIGGER {name}")
    try:
        yield
    finally:
        for statement in made:
            cursor.execute(statement)


def _creation(cursor: Cursor, name: str) -> str:
    cursor.execute(f"SHOW CREATE TRIGGER {name}")
    ((_, _, statement, *_),) = cursor.fetchall()
    return str(statement)


def told(about: str, took: Sequence[float]) -> None:
    """The median, and what that is for each line."""
    median = statistics.median(took)
    click.echo(f"{about}: {median:.0f} ms for {4 * CALLS} lines, {1000 * median / (4 * CALLS):.0f} us each")


@click.command()
@click.option("--home", required=True, type=click.Path(path_type=Path, exists=True), help="filled by tests.bench.lists")
@click.option("--times", default=9, show_default=True)
def main(home: Path, times: int) -> None:
    """Ship the same calls again and again."""
    settings = settings_in(home, ("nw1", "se1"))
    with running(settings), connected(settings) as cursor:
        shipped(cursor)
        told("with triggers", [shipped(cursor) for _ in range(times)])
        with without_triggers(cursor):
            told("without", [shipped(cursor) for _ in range(times)])
        told("with triggers", [shipped(cursor) for _ in range(times)])


if __name__ == "__main__":
    main()
