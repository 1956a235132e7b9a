"""F2: each call that a gateway wrote down has one row in MariaDB, with what all of its lines say."""

import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kemi.agent.calls import Call, calls
from kemi.agent.ring import Ring
from kemi.agent.ship import Shipper
from kemi.journal import Journal
from tests.integration.agent.place import Deployment, MariaDb, Place, event, now, until, write

CHOICE = random.SystemRandom()
COLUMNS = ", ".join(Call._fields)


def lines(name: str, start: int, **more: Any) -> list[dict[str, Any]]:
    """Of an answered call."""
    begin = {"s": start, "d": "out", "u": "x7k2", "cr": "cr-x7k2", "n": None, "tn": "acme-42", "f": "+14155550100"}
    begin |= {"to": "+12125550123", "a": "192.0.2.7:5062", "ci": f"{name}@pbx", "ft": "tag", "cs": 2, "em": 0, **more}
    ring = {"r": start + 1000, "core": "192.0.2.200:5060", "vr": None}
    answer = {"w": start + 5000, "core": "192.0.2.200:5060", "vr": None}
    end = {"e": start + 65_000, "by": "caller", "code": 200, "rule": None, "cause": None}
    return [{"t": start, "c": {"id": name, **line}} for line in (begin, ring, answer, end)]


def stored(deployment: Deployment) -> list[Call]:
    return [Call._make(row) for row in deployment.query(f"SELECT {COLUMNS} FROM cdr ORDER BY id")]  # noqa: S608


def expected(*records: dict[str, Any]) -> list[Call]:
    return sorted(calls("nw1", records))


def test_a_call_lives_and_ends(deployment: Deployment, nw1: Place) -> None:
    begin, ring, answer, end = lines("c-1", now())
    pen = nw1.pen()
    write(pen, [begin])
    until(lambda: stored(deployment) == expected(begin))
    assert stored(deployment)[0].direction == "outbound"
    write(pen, [ring, answer])
    until(lambda: stored(deployment) == expected(begin, ring, answer))
    assert stored(deployment)[0].ended_at is None
    write(pen, [end])
    until(lambda: stored(deployment) == expected(begin, ring, answer, end))
    assert deployment.query("SELECT answered, TIMESTAMPDIFF(SECOND, answered_at, ended_at) FROM cdr") == [(1, 60)]


def test_the_first_line_may_come_last(deployment: Deployment, nw1: Place) -> None:
    all_lines = lines("c-1", now())
    for number, line in enumerate(reversed(all_lines), start=1):
        write(nw1.pen(process=number), [line])
        until(lambda number=number: stored(deployment) == expected(*all_lines[-number:]))  # type: ignore[misc]


def test_I3_a_hop_to_the_other_region_leaves_no_row(deployment: Deployment, nw1: Place) -> None:
    write(nw1.pen(), [*lines("h-1", now()), *lines("c-1", now())])
    assert [call.id for call in until(lambda: stored(deployment))] == ["c-1"]


HOSTILE: list[dict[str, Any]] = [
    {"f": "\ud800\udfff half \ud800", "to": "nul \x00 and \x1b[31m"},
    {"f": "é" * 5000, "to": "\U0001f4a9" * 5000, "ci": "ü" * 5000, "tn": "é" * 500, "cr": "é" * 500, "u": "é" * 500},
    {"n": "+" * 500, "a": "\U0001f4a9" * 500 + ":99999", "core": "é" * 500, "vr": "é" * 500, "d": "sideways"},
    {"s": 2**70, "r": -1, "w": "soon", "e": float("nan"), "em": 7},
    {"s": True, "r": {}, "w": [], "e": None, "em": "yes", "d": ["out"], "a": {"x": 1}, "ci": ["x"]},
    {"e": 1, "by": "é" * 500, "code": 2**70, "rule": "é" * 500, "cause": "é" * 500},
    {"f": "x' OR '1'='1", "to": "%s %(a)s \\", "ci": "\u2028"},
]


def test_nothing_that_an_attacker_sends_can_fail_a_row(deployment: Deployment, nw1: Place) -> None:
    records = [{"t": now(), "c": {"id": f"c-{n}", "s": now(), "d": "out", **junk}} for n, junk in enumerate(HOSTILE)]
    nameless = [{"t": now(), "c": junk} for junk in ({}, {"id": None}, {"id": "é"}, {"id": "x" * 65}, [], "c", 7)]
    write(nw1.pen(), [*records, *nameless, event("behind")])
    until(lambda: deployment.query("SELECT 1 FROM event"))
    rows = stored(deployment)
    assert [row.id for row in rows] == [f"c-{n}" for n in range(len(HOSTILE))]
    assert (rows[6].caller, rows[6].callee) == ("x' OR '1'='1", "%s %(a)s \\")
    assert not (nw1.journals / "refused.jsonl").exists()


def test_a_record_that_mariadb_refuses_is_put_aside_and_the_calls_come(deployment: Deployment, nw1: Place) -> None:
    nested: Any = "deep"
    for _ in range(60):
        nested = [nested]
    refused = event("refused", **{"with": {"x": nested}})
    write(nw1.pen(), [*lines("c-1", now()), refused, *lines("c-2", now())])
    until(lambda: len(stored(deployment)) >= 2)
    assert [call.id for call in stored(deployment)] == ["c-1", "c-2"]
    kept = (nw1.journals / "refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["e"]["ci"] for line in kept] == ["refused"]


def test_F2_every_call_has_its_row_though_the_agent_is_killed_again_and_again(
    deployment: Deployment, nw1: Place
) -> None:
    start, kills = now(), 8
    everything = [line for n in range(2000) for line in lines(f"c-{n:04}", start + n)]
    CHOICE.shuffle(everything)
    pens = nw1.pen(process=1, segment_bytes=300_000), nw1.pen(process=2)
    for kill in range(kills):
        part = everything[kill::kills]
        write(pens[0], part[::2])
        write(pens[1], part[1::2])
        time.sleep(CHOICE.uniform(0.1, 0.4))  # a random moment, not a wait for anything
        nw1.kill()
        nw1.start()
    until(lambda: stored(deployment) == expected(*everything), 20, 0.2)


WAITING = "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"
HOLD = "INSERT INTO cdr (id, region, started_at) VALUES ('c-1', 'nw1', '2038-01-01')"


def test_F2_a_kill_in_the_middle_of_a_batch_neither_loses_nor_doubles(
    mariadb: MariaDb, deployment: Deployment, nw1: Place
) -> None:
    records = [*lines("c-1", now()), event("once")]
    with mariadb.connect(deployment.name) as other:
        other.begin()
        other.cursor().execute(HOLD)
        write(nw1.pen(), records)
        until(lambda: deployment.query(WAITING)[0][0], pause=0.2)  # InnoDB answers from a cache when asked more often
        nw1.kill()
        other.rollback()
    assert stored(deployment) == []
    nw1.start()
    until(lambda: stored(deployment) == expected(*records))
    assert deployment.query("SELECT count(*) FROM event") == [(1,)]


@pytest.fixture(scope="session")
def shared(mariadb: MariaDb) -> Iterator[Deployment]:
    """A database for many examples, without an agent."""
    deployment = Deployment(mariadb, "turnpike_calls")
    yield deployment
    deployment.remove()


MOMENTS = st.integers(1_764_000_000_000, 1_764_000_000_009)
STARTS = st.fixed_dictionaries(
    {"s": st.just(1_764_000_000_000)}, optional={"d": st.just("in"), "u": st.just("x7k2"), "em": st.just(1)}
)
STEPS = st.one_of(
    st.fixed_dictionaries({"r": MOMENTS}),
    st.just({"w": 1_764_000_000_004, "core": "192.0.2.1:5060", "vr": "se1"}),
    st.just({"r": 1_764_000_000_002, "core": "192.0.2.2:5060"}),
    MOMENTS.map(lambda at: {"e": at, "by": f"who-{at}", "code": at % 100 + 400, "cause": None if at % 2 else "odd"}),
)
LINES = st.tuples(st.sampled_from(["c-1", "c-2"]), st.one_of(STARTS, STEPS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=st.lists(LINES, min_size=1, max_size=9), cuts=st.lists(st.integers(0, 9), max_size=3), seed=st.randoms())
def test_F2_rows_depend_neither_on_the_order_of_lines_nor_on_batches(
    mariadb: MariaDb, shared: Deployment, said: list[tuple[str, dict[str, Any]]], cuts: list[int], seed: random.Random
) -> None:
    records = [{"t": 1_764_000_000_009, "c": {"id": name, **line}} for name, line in said]
    shuffled = seed.sample(records, len(records))
    shared.query("DELETE FROM cdr")
    shared.query("DELETE FROM journal_position")
    with tempfile.TemporaryDirectory() as folder, mariadb.connect(shared.name) as database:
        shipper, pen = Shipper("nw1", Path(folder), Ring(100, 300)), Journal(Path(folder), 1_764_000_000_000, 1)
        for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), None], strict=True):
            write(pen, shuffled[start:end])
            shipper.ship(database)
        pen.close()
    assert stored(shared) == expected(*records)
