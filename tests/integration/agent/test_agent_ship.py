"""What the gateway wrote reaches MariaDB, whatever the order and whatever an attacker made of it."""

import json
from itertools import count
from typing import Any

from tests.integration.agent.place import Deployment, Place, bound, event, now, until, write
from tests.sip.waiting import soonest


def shipped(deployment: Deployment, count: int) -> list[tuple[Any, ...]]:
    """The events, once there are so many."""
    statement = "SELECT call_id, rule, code, retry_after, user_agent, sentence, data FROM event ORDER BY id"
    return until(lambda: rows if len(rows := deployment.query(statement)) >= count else [])


def bindings(deployment: Deployment) -> dict[str, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in deployment.query("SELECT username, state, version, uid, port FROM binding")}


def test_an_event_becomes_a_row_with_a_sentence(deployment: Deployment, nw1: Place) -> None:
    details = {"elapsed": 41.2, "minimum": 100, "next": 1764000200000}
    write(nw1.pen(), [event("c1", code=429, ra=59, ua="Asterisk", **{"with": details})])
    (row,) = shipped(deployment, 1)
    assert row[:5] == ("c1", "R4", 429, 59, "Asterisk")
    assert row[5].startswith("Registered 41 s after the last registration; the minimum is 100 s")
    assert json.loads(row[6]) == details


def test_a_binding_lives_falls_silent_and_goes(deployment: Deployment, nw1: Place) -> None:
    pen, first = nw1.pen(), now()
    write(pen, [bound("x7k2", first)])
    until(lambda: bindings(deployment) == {"x7k2": ("live", first, "b-x7k2", 5062)})
    write(pen, [bound("x7k2", first + 1, ka=2)])
    until(lambda: bindings(deployment)["x7k2"][0] == "silent")
    write(pen, [bound("x7k2", first + 2, expires=0)])
    until(lambda: bindings(deployment) == {"x7k2": ("gone", first + 2, None, 5062)})  # a diagnosis asks where it was


def test_an_older_record_never_overwrites_a_newer_one(deployment: Deployment, nw1: Place) -> None:
    first = now()
    write(nw1.pen(process=1), [bound("x7k2", first + 5, p=5)])
    until(lambda: "x7k2" in bindings(deployment))
    write(nw1.pen(process=2), [bound("x7k2", first, p=1), event("behind")])
    shipped(deployment, 1)
    assert bindings(deployment)["x7k2"][3] == 5


def test_B5_a_lift_that_arrives_before_its_block_wins(deployment: Deployment, nw1: Place) -> None:
    start = now()
    block = {
        "id": "k-1",
        "a": "192.0.2.7",
        "u": "x7k2",
        "cause": "early",
        "rule": "R4",
        "at": start,
        "until": start + 900_000,
    }
    write(nw1.pen(process=2), [{"t": start + 5000, "x": {**block, "lifted": True, "until": start + 5000}}])
    statement = "SELECT lifted_at IS NOT NULL, TIMESTAMPDIFF(SECOND, at, until) FROM block"
    until(lambda: deployment.query(statement) == [(1, 5)])
    write(nw1.pen(process=1), [{"t": start, "x": {**block, "lifted": False}}])
    until(lambda: deployment.query(statement) == [(1, 900)])


HOSTILE: list[dict[str, Any]] = [
    {"ua": "\ud800\udfff half \ud800"},
    {"ua": "nul \x00 and \x1b[31m"},
    {"ua": "é" * 5000, "u": "ü" * 5000, "m": "M" * 500},
    {"id": "crédential" * 10, "rule": "R" * 100, "cause": "\U0001f4a9" * 50, "a": "\U0001f4a9" * 50},
    {"p": 99999, "code": -1, "ra": 2**70, "n": 2**70, "until": 2**70},
    {"p": "no", "code": [], "ra": {}, "n": None, "until": "soon", "u": {"a": 1}, "ua": ["x"]},
    {"with": {"x": float("nan")}},
    {"with": {"\ud800": "\udfff"}},
    {"with": "text", "n": True},
    {"with": {"x": "y" * 100_000}},
    {"u": "x' OR '1'='1", "ua": "%s %(a)s \\"},
]


def test_nothing_that_an_attacker_sends_can_fail_a_row(deployment: Deployment, nw1: Place) -> None:
    records = [event(f"h{number}", **hostile) for number, hostile in enumerate(HOSTILE)]
    write(nw1.pen(), [*records, {**event("late"), "t": 2**70}, {"t": 1, "e": {"ci": "bare"}}])
    rows = shipped(deployment, len(HOSTILE) + 2)
    assert [row[0] for row in rows] == [f"h{number}" for number in range(len(HOSTILE))] + ["late", "bare"]
    assert all(row[5] for row in rows)
    assert not (nw1.journals / "refused.jsonl").exists()
    assert rows[10][4] == "%s %(a)s \\"


def test_a_record_that_mariadb_refuses_is_put_aside_and_the_line_goes_on(deployment: Deployment, nw1: Place) -> None:
    nested: Any = "deep"
    for _ in range(60):
        nested = [nested]
    write(
        nw1.pen(), [event("before"), event("refused", **{"with": {"x": nested}}), bound("x7k2", now()), event("after")]
    )
    assert [row[0] for row in shipped(deployment, 2)] == ["before", "after"]
    assert "x7k2" in bindings(deployment)
    refused = (nw1.journals / "refused.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["e"]["ci"] for line in refused] == ["refused"]
    assert "refused.jsonl" in nw1.log()


def test_torn_and_undecodable_lines_are_skipped(deployment: Deployment, nw1: Place) -> None:
    write(nw1.pen(process=1), [event("first")])
    path = next(nw1.journals.glob("*-01-*.jsonl"))
    with path.open("ab") as file:
        file.write(
            b"\xff\xfe not json\n[1, 2]\n" + json.dumps(event("second")).encode() + b'\n{"t": 1, "e": {"ci": "to'
        )
    assert [row[0] for row in shipped(deployment, 2)] == ["first", "second"]
    with path.open("ab") as file:
        file.write(b'rn"}}\n')
    assert [row[0] for row in shipped(deployment, 3)] == ["first", "second", "torn"]


def test_R6_another_region_learns_of_a_binding_and_of_its_end(nw1: Place, se1: Place) -> None:
    pen, start = nw1.pen(), now()
    until(lambda: nw1.store().change is not None and se1.store().change is not None)
    write(pen, [bound("x7k2", start, expires=start + 300_000)])
    (peer,) = until(lambda: se1.store().peers)
    assert peer == ("x7k2", "nw1", "b-x7k2", "192.0.2.7", 5062, "Asterisk", start, start + 300_000, 0, start)
    write(pen, [bound("x7k2", start + 1, ka=2)])
    until(lambda: se1.store().peers[0].silent == 1)
    write(pen, [bound("x7k2", start + 2, expires=0)])
    until(lambda: se1.store().peers[0].expires == 0)
    assert nw1.store().peers == []
    usernames = count()

    def learning() -> float:
        """Seconds until the other region knows of one more."""
        username, written = f"u{next(usernames)}", now()
        write(pen, [bound(username, written)])
        until(lambda: username in {peer.username for peer in se1.store().peers})
        return (now() - written) / 1000

    assert soonest(learning, 2.0) < 2.0


def test_R6_peers_survive_a_restart_of_the_agent(deployment: Deployment, nw1: Place, se1: Place) -> None:
    write(nw1.pen(), [bound("one", now())])
    until(lambda: se1.store().peers)
    assert se1.stop() == 0
    write(nw1.pen(), [bound("two", now())])
    until(lambda: "two" in bindings(deployment))
    assert [peer.username for peer in se1.store().peers] == ["one"]
    se1.start()
    until(lambda: {peer.username for peer in se1.store().peers} == {"one", "two"})


def test_C5_the_applied_number_is_told_at_once(deployment: Deployment, nw1: Place) -> None:
    def report() -> tuple[Any, ...]:
        statement = "SELECT applied_change, store_change, credentials, bindings, test_limits FROM region"
        return deployment.query(statement)[0]

    def pulse(**facts: object) -> None:
        file = nw1.home / "pulse.new"
        file.write_text(json.dumps({"pid": 1, "boot": now(), "at": now(), "seq": 1, "test_limits": False, **facts}))
        file.rename(nw1.home / "pulse.json")

    until(lambda: report()[1] is not None)
    changes = count(41)

    def telling() -> float:
        """Seconds until the next number is told."""
        change, written = next(changes), now()
        pulse(applied=change, credentials=20000, bindings=12)
        until(lambda: report() == (change, 0, 20000, 12, 0))
        return (now() - written) / 1000

    telling()
    assert soonest(telling, 0.7) < 0.7, "the next heartbeat is a second after the one before"
    assert deployment.query("SELECT dead_cores FROM region") == [(None,)]
    pulse(applied=42, dead_cores=["192.0.2.200:5060"])
    until(lambda: deployment.query("SELECT dead_cores FROM region") == [('["192.0.2.200:5060"]',)])
    fresh = "SELECT heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL 3 SECOND, gateway_at > '2000-01-01' FROM region"
    assert deployment.query(fresh) == [(1, 1)]


def test_F2_positions_of_deleted_journals_are_dropped_and_no_others(deployment: Deployment, nw1: Place) -> None:
    pen = nw1.pen(segment_bytes=10)
    write(pen, [event("a"), event("b")])
    shipped(deployment, 2)
    nw1.kill()
    first, second = sorted(nw1.journals.iterdir())
    first.unlink()
    nw1.start()
    until(lambda: [row[0] for row in deployment.query("SELECT journal FROM journal_position")] == [second.name])
    until(lambda: list(nw1.reader.cold_start().positions) == [second.name])
    assert len(shipped(deployment, 2)) == 2
