"""F1 and F2: killed agents, killed and hanging MariaDB; nothing lost, nothing twice."""

import json
import random
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.integration.agent.place import ROOT, Deployment, MariaDb, Place, bound, event, now, until, write

CHOICE = random.SystemRandom()
RECORDS = 8_000


def counted(deployment: Deployment) -> Counter[str]:
    return Counter(row[0] for row in deployment.query("SELECT call_id FROM event"))


def records(prefix: str, count: int) -> list[dict[str, object]]:
    """Each with an event of its own; every tenth with a binding as well."""
    start = now()
    return [
        {**(bound(f"{prefix}{n % 500}", start + n) if n % 10 == 0 else {}), **event(f"{prefix}-{n}")}
        for n in range(count)
    ]


def expected(*prefixes: str) -> Counter[str]:
    return Counter(f"{prefix}-{n}" for prefix in prefixes for n in range(RECORDS // 2))


def folded(place: Place) -> dict[str, int]:
    return {state["u"]: state["v"] for state in place.reader.cold_start().states}


def stored(deployment: Deployment) -> dict[str, int]:
    return dict(deployment.query("SELECT username, version FROM binding"))


def test_F2_each_record_arrives_once_though_the_agent_is_killed_again_and_again(
    deployment: Deployment, nw1: Place
) -> None:
    pens = nw1.pen(process=1, segment_bytes=300_000), nw1.pen(process=2)
    lines = records("a", RECORDS // 2), records("b", RECORDS // 2)
    kills = 12
    for kill in range(kills):
        for pen, all_lines in zip(pens, lines, strict=True):
            write(pen, all_lines[kill * len(all_lines) // kills : (kill + 1) * len(all_lines) // kills])
        time.sleep(CHOICE.uniform(0.15, 0.5))  # a random moment, not a wait for anything
        nw1.kill()
        nw1.start()
    until(lambda: counted(deployment) == expected("a", "b"), 20)
    until(lambda: folded(nw1) == stored(deployment))
    assert len(folded(nw1)) == 100


HOLD_POSITIONS = "SELECT * FROM journal_position FOR UPDATE"
HOLD_BINDING = (
    "INSERT INTO binding (region, username, version, state, changed_at) VALUES ('nw1', 'x7k2', 0, 'gone', NOW(3))"
)
WAITING = "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"


@pytest.mark.parametrize("hold", [HOLD_POSITIONS, HOLD_BINDING], ids=["before the position", "before the rows"])
def test_F2_a_kill_in_the_middle_of_a_batch_neither_loses_nor_doubles(
    mariadb: MariaDb, deployment: Deployment, nw1: Place, hold: str
) -> None:
    with mariadb.connect(deployment.name) as other:
        other.begin()
        other.cursor().execute(hold)
        write(nw1.pen(), [{**bound("x7k2", now()), **event("once")}])
        until(lambda: deployment.query(WAITING)[0][0], pause=0.2)  # InnoDB answers from a cache when asked more often
        nw1.kill()
        other.rollback()
    nw1.start()
    until(lambda: "x7k2" in stored(deployment))
    write(nw1.pen(process=2), [event("behind")])
    until(lambda: counted(deployment)["behind"])
    assert counted(deployment) == Counter(["once", "behind"])


def test_F2_each_record_arrives_once_though_mariadb_is_killed(
    mariadb: MariaDb, deployment: Deployment, nw1: Place
) -> None:
    pen = nw1.pen()
    lines = records("a", RECORDS // 2)
    kills = 3
    for kill in range(kills):
        write(pen, lines[kill * len(lines) // kills : (kill + 1) * len(lines) // kills])
        time.sleep(CHOICE.uniform(0.0, 0.3))  # a random moment, not a wait for anything
        mariadb.kill()
        mariadb.start()
    until(lambda: counted(deployment) == expected("a"), 20)
    assert nw1.stop() == 0
    assert nw1.log().count("cannot be used") <= kills
    assert nw1.log().count("can be used again") <= kills


def test_F1_folding_goes_on_while_mariadb_hangs(mariadb: MariaDb, deployment: Deployment, nw1: Place) -> None:
    pen = nw1.pen()
    write(pen, [event("before")])
    until(lambda: counted(deployment)["before"] == 1)
    mariadb.process.send_signal(signal.SIGSTOP)
    try:
        for number in range(3):
            write(pen, [bound(f"u{number}", now()), event(f"during-{number}")])
            until(lambda number=number: f"u{number}" in folded(nw1), 3)  # type: ignore[misc]
    finally:
        mariadb.process.send_signal(signal.SIGCONT)
    until(lambda: counted(deployment) == Counter(["before", "during-0", "during-1", "during-2"]), 20)


def test_F1_an_agent_that_starts_without_mariadb_folds_and_catches_up(
    mariadb: MariaDb, deployment: Deployment, nw1: Place
) -> None:
    nw1.kill()
    for file in nw1.home.glob("store.sqlite*"):
        file.unlink()
    (nw1.home / "log").write_text("")
    mariadb.kill()
    write(nw1.pen(), [bound("x7k2", now()), event("dark")])
    nw1.start()
    until(lambda: "x7k2" in folded(nw1))
    assert nw1.store().change is None, "never filled, and says so"
    mariadb.start()
    until(lambda: counted(deployment) == Counter(["dark"]))
    until(lambda: nw1.store().change is not None)
    until(lambda: "MariaDB can be used again" in nw1.log())
    assert nw1.log().count("MariaDB cannot be used") == 1
    assert nw1.log().count("MariaDB can be used again") == 1


def test_F2_two_agents_of_one_region_ship_each_record_once(deployment: Deployment, nw1: Place) -> None:
    connected = "SELECT count(*) FROM information_schema.PROCESSLIST WHERE user LIKE %s"
    until(lambda: deployment.query(connected, f"{deployment.name}%") == [(3,)])
    first, pen, sent = nw1.release(), nw1.pen(), Counter[str]()
    nw1.start()
    try:
        # One connection less: of two agents one puts configurations in force.
        until(lambda: deployment.query(connected, f"{deployment.name}%") == [(5,)])
        for number in range(20):
            write(pen, [event(f"{number}")])
            sent[f"{number}"] += 1
            until(lambda: set(counted(deployment)) == set(sent))
    finally:
        first.kill()
        first.wait()
    assert counted(deployment) == sent


def test_C2_nobody_else_can_read_store_and_journals(nw1: Place) -> None:
    write(nw1.pen(), [event("c1")])
    until(lambda: nw1.store().change is not None)
    files = [nw1.home / "store.sqlite", *nw1.home.glob("store.sqlite-*"), *nw1.journals.iterdir()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(nw1.journals.stat().st_mode) == 0o700


def test_a_wrong_region_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "current").mkdir()
    (tmp_path / "current" / "region.json").write_text(json.dumps({"region": "nw1"}))
    environment = {"PYTHONPATH": str(ROOT), "TURNPIKE_REGION": str(tmp_path)}
    command = [sys.executable, "-m", "kemi.agent"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "TURNPIKE_REGION" in done.stderr
