"""The change log under concurrent writers: a reader that has seen N has seen all up to N."""

from __future__ import annotations

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pymysql
from pymysql.cursors import DictCursor

from api.changes import next_change
from api.database import connection_arguments
from api.settings import Settings
from tests.integration.api.server import connected

WRITERS = 10
WRITES = 30


class DeliberateError(Exception):
    """A writer's transaction that fails after it took its number."""


def write(settings: Settings, writer: int, seed: int) -> list[int]:
    """Many short transactions, a fifth of them rolled back; the numbers of those that were committed."""
    dice = random.Random(seed * 1000 + writer)
    place = settings.database("api")
    committed = []
    with pymysql.connect(**connection_arguments(place) | {"database": place.name}) as connection:
        for write in range(WRITES):
            try:
                with connection.cursor() as cursor:
                    number = next_change(cursor, "credential", f"test-{writer}-{write}", {"username": "u"})
                    time.sleep(dice.uniform(0, 0.003))
                    if dice.random() < 0.2:
                        raise DeliberateError
                connection.commit()
                committed.append(number)
            except DeliberateError:
                connection.rollback()
            time.sleep(dice.uniform(0, 0.005))
    return committed


def follow(settings: Settings, last: int, finished: threading.Event) -> list[int]:
    """What a region sees: asks for `n > last` again and again, until the writers have finished."""
    seen: list[int] = []
    with connected(settings, "region-nw1") as cursor:
        while True:
            done = finished.is_set()
            cursor.execute("SELECT n FROM change_log WHERE n > %s ORDER BY n", (last,))
            rows = [int(row["n"]) for row in cursor.fetchall()]
            seen += rows
            last = rows[-1] if rows else last
            if done:
                return seen
            time.sleep(0.001)


def test_reader_misses_no_change_of_concurrent_writers(settings: Settings, root: DictCursor) -> None:
    root.execute("SELECT n FROM change_counter")
    before = int((root.fetchone() or {})["n"])
    finished = threading.Event()
    seed = random.randrange(10**6)
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(follow, settings, before, finished)
        writers = [pool.submit(write, settings, writer, seed) for writer in range(WRITERS)]
        committed = sorted(number for writer in writers for number in writer.result(60))
        finished.set()
        seen = reader.result(60)
    assert len(committed) > WRITERS * WRITES / 2, f"seed {seed}"
    assert len(committed) < WRITERS * WRITES, f"seed {seed}: nothing was rolled back"
    assert committed == list(range(before + 1, before + 1 + len(committed))), f"seed {seed}"
    assert seen == committed, f"seed {seed}"
