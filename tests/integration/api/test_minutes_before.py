"""What happened in the two days before the upgrade that brings traffic is part of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pymysql.cursors import DictCursor

from api.first_start import FirstStartError, prepare
from api.migrations import MIGRATIONS
from api.settings import Settings
from tests.integration.api.server import connected
from tests.integration.api.test_first_start import fresh

__all__ = ["fresh"]
NAME = "0018_traffic.sql"
EVENT = (
    "INSERT INTO event (region, at, rule, cause, code, count, sentence)"
    " VALUES (%s, UTC_TIMESTAMP(3) - INTERVAL %s HOUR, 'R4', %s, %s, %s, '')"
)
CALL = (
    "INSERT INTO cdr (id, region, started_at, ended_at) SELECT %s, 'nw1', t, t + INTERVAL %s SECOND"
    " FROM (SELECT UTC_TIMESTAMP(3) - INTERVAL %s HOUR AS t) moments"
)


def write(cursor: DictCursor) -> None:
    """Three refusals and two calls that started within two days, and what is none or older."""
    for event in (("nw1", 5, "early", 429, 3), ("nw1", 49, "early", 429, 7), (None, 5, "unseen", None, 7)):
        cursor.execute(EVENT, event)
    cursor.execute(EVENT, ("nw1", 5, "withdrawn", None, 7))
    for call in (("c-1", 60, 5), ("c-live", None, 5), ("c-refused", 0, 5), ("c-old", 60, 49)):
        cursor.execute(CALL, call)


def sums(cursor: DictCursor) -> tuple[int, int]:
    """Refusals, by the minute as by the quarter, and calls that started."""
    cursor.execute(
        "SELECT (SELECT IFNULL(SUM(count), 0) FROM traffic_refusal) AS refused,"
        " (SELECT IFNULL(SUM(count), 0) FROM traffic_refusal_quarter) AS quarters,"
        " (SELECT IFNULL(SUM(calls), 0) FROM traffic_start) AS started"
    )
    row = cursor.fetchone() or {}
    assert row["quarters"] == row["refused"]
    return int(row["refused"]), int(row["started"])


@pytest.mark.usefixtures("settings")
def test_two_days_before_the_upgrade_are_counted_once_also_when_it_is_broken_off(
    fresh: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "sql"
    shutil.copytree(MIGRATIONS, folder)
    whole = (folder / NAME).read_text()
    (folder / NAME).unlink()
    with pytest.raises(FirstStartError):  # rights on tables that are yet to come
        prepare(fresh, folder)
    with connected(fresh, "root") as root:
        write(root)
        (folder / NAME).write_text(f"{whole}\n\nBREAK OFF;\n")
        with pytest.raises(FirstStartError, match=NAME):
            prepare(fresh, folder)
        assert sums(root) == (3, 2)
        (folder / NAME).write_text(whole)
        prepare(fresh, folder)
        assert sums(root) == (3, 2)
        root.execute(EVENT, ("nw1", 0, "early", 429, 2))
        root.execute(CALL, ("c-new", None, 0))
        assert sums(root) == (5, 3)
