"""Usage is kept while calls come in, and is at any time what the call records add up to."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from pymysql.cursors import DictCursor

from api.settings import Settings
from kemi.agent.calls import Call
from kemi.agent.statements import PUT_CALL
from tests.integration.api.calls import NOON
from tests.integration.api.server import connected

KEPT = "SELECT day, tenant, direction, region, calls, answered, milliseconds FROM usage_day WHERE calls"
ADDED_UP = (
    "SELECT DATE(started_at) AS day, IFNULL(tenant, '') AS tenant, direction, region, COUNT(*) AS calls,"
    " COUNT(answered_at) AS answered,"
    " IFNULL(SUM(GREATEST(0, TIMESTAMPDIFF(MICROSECOND, answered_at, ended_at)) DIV 1000), 0) AS milliseconds"
    " FROM cdr WHERE ended_at IS NOT NULL AND direction IS NOT NULL"
    " GROUP BY DATE(started_at), IFNULL(tenant, ''), direction, region"
)
FIELDS = Call._fields
NOTHING: dict[str, Any] = dict.fromkeys(FIELDS) | {"region": "nw1", "emergency": 0}


def put(cursor: DictCursor, **known: Any) -> None:
    """What one batch of an agent knows of a call."""
    row = NOTHING | {"started_at": NOON} | known
    cursor.execute(PUT_CALL, [row[name] for name in FIELDS])


def sums(root: DictCursor) -> tuple[list[Any], list[Any]]:
    found = []
    for statement in (KEPT, ADDED_UP):
        root.execute(statement)
        rows = [row | {"tenant": row["tenant"].lower()} for row in root.fetchall()]
        found.append(
            sorted(rows, key=lambda row: [str(row[name]) for name in ("day", "tenant", "direction", "region")])
        )
    return found[0], found[1]


@pytest.fixture(autouse=True)
def empty(root: DictCursor) -> None:
    root.execute("DELETE FROM cdr")


def lines(n: int, rolls: random.Random) -> list[dict[str, Any]]:
    """What lines say of one call, which may come in any order, and twice."""
    start = NOON + timedelta(hours=rolls.uniform(-30, 30))
    first = {
        "started_at": start,
        "direction": rolls.choice(["inbound", "outbound"]),
        "tenant": rolls.choice(["acme", "ACME", None]),
        "region": ("nw1", "se1")[n % 2],
    }
    answer = {"started_at": start, "answered_at": start + timedelta(seconds=rolls.uniform(1, 9))}
    ends = [{"started_at": start, "ended_at": start + timedelta(seconds=rolls.uniform(0, 99))} for _ in range(2)]
    known = [{"id": f"c-{n}"} | line for line in [first, *rolls.sample([answer, *ends], rolls.randint(0, 3))]]
    known += [{"id": f"c-{n}", "started_at": start - timedelta(days=1)}] if n % 5 == 0 else []
    rolls.shuffle(known)
    return [*known, known[0]]


def test_whatever_order_lines_come_in_usage_is_what_records_add_up_to(root: DictCursor, settings: Settings) -> None:
    rolls = random.Random(8)
    said = [line for n in range(60) for line in lines(n, rolls)]
    rolls.shuffle(said)
    with connected(settings, "region-nw1") as nw1, connected(settings, "region-se1") as se1:
        for count, line in enumerate(said):
            put(nw1 if line.get("region") == "nw1" else se1, **line)
            if count % 20 == 0:
                kept, added_up = sums(root)
                assert kept == added_up
    kept, added_up = sums(root)
    assert kept == added_up
    assert len(kept) > 8


def test_records_that_are_removed_are_not_counted_any_more(root: DictCursor, settings: Settings) -> None:
    with connected(settings, "region-nw1") as nw1:
        for n in range(3):
            put(nw1, id=f"c-{n}", direction="inbound", ended_at=NOON)
    root.execute("DELETE FROM cdr WHERE id = 'c-1'")
    kept, added_up = sums(root)
    assert kept == added_up
    assert kept[0]["calls"] == 2


def test_F1_two_agents_never_wait_for_each_other(settings: Settings) -> None:
    """Each in a transaction that stays open, with calls of the same day, tenant and direction."""
    patience = {"init_command": "SET SESSION innodb_lock_wait_timeout = 1", "autocommit": False}
    with connected(settings, "region-nw1", **patience) as nw1, connected(settings, "region-se1", **patience) as se1:
        for n in range(5):
            for cursor, region in ((nw1, "nw1"), (se1, "se1")):
                call = {"id": f"c-{region}-{n % 3}", "region": region, "direction": "outbound", "tenant": "acme"}
                put(cursor, **call, ended_at=NOON + timedelta(seconds=n))
        nw1.connection.commit()
        se1.connection.commit()
