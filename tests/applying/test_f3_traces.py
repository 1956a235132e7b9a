"""The canary is nobody: no table, list, count or file tells of it afterwards, and nobody else can be it."""

import os
import signal
import sqlite3
from contextlib import closing

from tests.applying.host import Host, replaced, threshold
from tests.calls.carrier import Carrier
from tests.sip.digest import Login
from tests.sip.waiting import until

MARKS = ("canary", "127.254.", "+999")


def told(host: Host) -> list[str]:
    """Tables of MariaDB with a row that speaks of one; reasons of applications may."""
    tables = [str(next(iter(row.values()))) for row in host.query("SHOW TABLES")]
    assert {"cdr", "event", "binding", "block", "password_use", "usage_day", "audit", "change_log"} <= set(tables)
    found = []
    for table in tables:
        rows = host.query(f"SELECT * FROM `{table}`")  # noqa: S608
        texts = [
            str(value) for row in rows for name, value in row.items() if (table, name) != ("application", "reason")
        ]
        found += [f"{table}: {text}" for text in texts if any(mark in text for mark in MARKS)]
    return found


def known(host: Host) -> list[str]:
    """What the region's store says of one that is in force."""
    with closing(sqlite3.connect(f"file:{host.home}/store.sqlite?mode=ro", uri=True)) as db:
        credentials = "SELECT username FROM credential WHERE username LIKE 'canary-%' AND ha1 IS NOT NULL"
        numbers = "SELECT number FROM number WHERE username LIKE 'canary-%' AND present"
        rows = [*db.execute(credentials), *db.execute(numbers)]
        return [str(row[0]) for row in (*rows, *db.execute("SELECT state FROM core WHERE state = 'canary'"))]


def shipped(host: Host, carrier: Carrier) -> None:
    """Everything that the gateway wrote has come to MariaDB: a call that was made afterwards is there."""
    pbx = carrier.pbx()
    call = pbx.call(carrier.subscriber())
    call.until_answered()
    call.hang_up()
    call.until_gone()
    carrier.cdr(call.call_id)
    assert host.pulse()["credentials"] > 0


def test_F3_nothing_tells_of_a_canary(host: Host, carrier: Carrier) -> None:
    assert host.apply(threshold(flood_requests=4001))["state"] == "in-force"
    assert host.apply(replaced("tables.cfg", '"call=>', '"coll=>'))["state"] == "rolled-back"
    assert host.apply(replaced("tables.cfg", '"number=>', '"nomber=>'))["state"] == "rolled-back"
    assert host.apply(threshold(flood_requests=0))["state"] == "rolled-back"
    shipped(host, carrier)
    assert told(host) == []
    assert known(host) == []
    assert not [path for path in (host.home / "journal").glob("refused*") if b"canary" in path.read_bytes()]


def test_F3_counts_are_without_the_canary(carrier: Carrier) -> None:
    """In a region without other calls: a slot whose call has just ended is taken anew by a restart, for 32 s (O3)."""
    host = Host(carrier.service, "se1")

    def counts() -> list[int]:
        pulse = host.pulse()
        return [pulse[name] for name in ("credentials", "bindings", "calls", "channels")]

    host.is_tidy()
    until(lambda: counts()[2:] == [0, 0], 60, "no call is held")
    before = counts()
    number = host.ask(host.store(host.changed(threshold(flood_requests=4002))))
    seen = [before]
    while host.row(number)["state"] != "in-force":
        seen.append(counts())
    for _ in range(5):
        at = host.pulse()["at"]
        until(lambda then=at: host.pulse()["at"] != then, 5, "another pulse", pause=0.01)
        seen.append(counts())
    assert [max(column) for column in zip(*seen, strict=True)] == before  # bindings of other tests may end meanwhile


def test_F3_the_canary_s_name_is_of_no_use_to_anybody(host: Host, carrier: Carrier) -> None:
    """Not while one sings either: its password has 128 random bits. Who tries is shown as everybody else."""
    pbx = carrier.pbx()
    pbx.login = Login("canary-0123456789abcdef", "guessed")
    number = host.ask(host.store(host.changed(threshold(flood_requests=4003))))
    assert pbx.register().status == 401
    host.until(number)
    assert pbx.register().status == 401
    assert carrier.service.regions


def test_F3_a_canary_that_an_agent_left_is_removed(host: Host) -> None:
    with closing(sqlite3.connect(host.home / "store.sqlite", timeout=10)) as db:
        db.execute(
            "INSERT INTO credential(username, id, ha1, enabled, version, seq) VALUES ('canary-left', 'x', ?, 1, 1, 1)",
            ("0" * 32,),
        )
        db.execute("INSERT INTO number VALUES ('+999000000000001', 'canary-left', NULL, 1, 1)")
        db.execute("INSERT OR REPLACE INTO core VALUES ('canary', '127.254.0.1', 5060, 'canary', 1)")
        db.commit()
    assert len(known(host)) == 3
    agent = host.agent()
    os.kill(agent, signal.SIGKILL)
    until(lambda: known(host) == [], 20, "the next agent removes it")
    until(lambda: host.agent() != agent, 20, "the next agent runs")
