"""An agent that is killed, at whichever step; everything killed at once; MariaDB away. Calls go on all the same."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kemi.configuration import digest
from tests.applying.host import Host, Row, replaced, threshold
from tests.calls.carrier import Carrier
from tests.sip.processes import kill, started_for, tree
from tests.sip.waiting import until

SLOW = replaced("kamailio.cfg", ":5060\n", ":5070\n")
"""Its canary gets no answer, and gives up after six seconds."""


@pytest.fixture
def unchanged(host: Host) -> Iterator[None]:
    """What was in force before is so afterwards, byte for byte, and nothing is left of what was tried."""
    before = (host.name, host.folder(), host.reported())
    yield
    host.is_tidy()
    assert (host.name, host.folder(), host.reported()) == before


def kill_agent(host: Host) -> None:
    """The next one runs."""
    agent = host.agent()
    os.kill(agent, signal.SIGKILL)
    until(lambda: host.agent() != agent, 20, "the next agent runs")


def begun(host: Host, flood: int) -> int:
    return host.ask(host.store(host.changed(threshold(flood_requests=flood))))


@contextmanager
def held(host: Host, flood: int) -> Iterator[int]:
    """An application whose agent has written down what it is about to do, and waits to tell MariaDB: nothing is
    switched yet.
    """
    version = host.store(host.changed(threshold(flood_requests=flood)))
    with host.locked("LOCK TABLES configuration WRITE") as free:
        number = host.ask(version)
        host.until(number, "checking")
        with host.locked("SELECT * FROM application WHERE id = %s FOR UPDATE", number):
            free()
            until(host.plan, 10, "the agent has written down what it is about to do")
            yield number


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_while_it_fetches(host: Host) -> None:
    boot, agent = host.pulse()["boot"], host.agent()
    version = host.store(host.changed(threshold(flood_requests=3001)))
    with host.locked("LOCK TABLES configuration WRITE"):
        number = host.ask(version)
        host.until(number, "checking")
        os.kill(agent, signal.SIGKILL)
    row = host.until(number)
    assert (row["state"], row["restarted"]) == ("refused", 0)
    assert row["reason"] == "the region's agent was stopped before it was done: ask again"
    assert host.pulse()["boot"] == boot


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_before_it_switches(host: Host) -> None:
    boot, agent = host.pulse()["boot"], host.agent()
    with held(host, 3002) as number:
        plan = host.plan()
        assert plan
        assert (plan["step"], plan["origin"]) == ("switching", host.name)
        os.kill(agent, signal.SIGKILL)
    row = host.until(number)
    assert (row["state"], row["restarted"]) == ("refused", 0)
    assert "stopped while it was switching to it" in row["reason"]
    assert host.pulse()["boot"] == boot


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_as_soon_as_it_has_switched(host: Host) -> None:
    name, agent = host.name, host.agent()
    number = begun(host, 3003)
    until(lambda: host.name != name, 20, "it has switched", pause=0)
    os.kill(agent, signal.SIGKILL)
    row = host.until(number)
    assert row["state"] == "rolled-back"
    assert "what was in force before is in force again" in row["reason"]


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_while_its_canary_sings(host: Host) -> None:
    name, agent = host.name, host.agent()
    number = host.ask(host.store(host.changed(SLOW)))
    until(lambda: host.pulse()["configuration"] != name, 20, "the gateway runs what is tried")
    os.kill(agent, signal.SIGKILL)
    row = host.until(number)
    assert (row["state"], row["restarted"]) == ("rolled-back", 1)
    assert "stopped while it was trying it" in row["reason"]


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_while_it_goes_back(host: Host) -> None:
    name, agent = host.name, host.agent()
    number = host.ask(host.store(host.changed(SLOW)))
    until(lambda: host.name != name, 20, "it has switched", pause=0)
    until(lambda: host.name == name, 20, "it goes back", pause=0)
    os.kill(agent, signal.SIGKILL)
    assert host.until(number)["state"] == "rolled-back"


@pytest.mark.usefixtures("talk", "unchanged")
def test_F3_killed_again_and_again(host: Host) -> None:
    """Also the agent that puts in order what the one before has left."""
    name = host.name
    number = host.ask(host.store(host.changed(SLOW)))
    until(lambda: host.pulse()["configuration"] != name, 20, "the gateway runs what is tried")
    for _ in range(5):
        kill_agent(host)
    assert host.until(number)["state"] == "rolled-back"


@pytest.mark.usefixtures("talk")
def test_F3_everything_killed_in_the_middle_of_a_trial(host: Host, carrier: Carrier) -> None:
    """The host's power fails: `up` goes back before anything starts. (Calls outlive it: their media is elsewhere.)"""
    instance, before = carrier.service.instance, (host.name, host.folder(), host.reported())
    number = host.ask(host.store(host.changed(SLOW)))
    until(lambda: host.pulse()["configuration"] != before[0], 20, "the gateway runs what is tried")
    while pids := started_for(instance.home):
        kill(pids)
    assert host.name != before[0]
    instance.start()
    row = host.until(number)
    assert (row["state"], row["restarted"]) == ("rolled-back", 1)
    host.is_tidy()
    assert (host.name, host.folder(), host.reported()) == before


@contextmanager
def halted(pids: frozenset[int]) -> Iterator[None]:
    """SIGSTOP: connections stay open, and nobody answers."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def ended(host: Host) -> Row | None:
    plan = host.plan()
    return plan if plan and plan["outcome"] else None


@pytest.mark.usefixtures("talk")
@pytest.mark.parametrize(("flood", "state"), [(3010, "in-force"), (0, "rolled-back")])
def test_F3_F1_it_goes_on_without_mariadb_and_is_reported_afterwards(
    host: Host, carrier: Carrier, flood: int, state: str
) -> None:
    name, mariadb = host.name, tree(carrier.service.instance.pids("mariadb"))
    with held(host, flood) as number, halted(mariadb):
        plan = until(lambda: ended(host), 40, "it is done")
        kill_agent(host)
        assert plan["outcome"]["state"] == state
        assert (host.name != name) is (state == "in-force")
    row = host.until(number, seconds=40)
    assert (row["state"], row["restarted"]) == (state, 1)
    assert bool(row["reason"]) is (state == "rolled-back")
    host.is_tidy()


def test_F3_done_but_neither_kept_nor_reported(host: Host) -> None:
    """The disk was full when it was done, and then the agent was killed: what is in force says what became of it."""
    version = host.store(host.files())
    with host.connect() as connection, connection.cursor() as cursor:
        insert = (
            "INSERT INTO application (region, version, action, state, actor_kind) VALUES (%s, %s, 'apply', %s, 'key')"
        )
        cursor.execute(insert, (host.region, version, "trying"))
        number = int(cursor.lastrowid)
    assert host.until(number)["state"] == "in-force"
    assert host.reported() == (version, digest(host.files()))


@pytest.mark.usefixtures("talk")
def test_F3_of_two_agents_of_a_region_one_applies(host: Host) -> None:
    second = host.second_agent()
    try:
        for flood in (3021, 3022):
            assert host.apply(threshold(flood_requests=flood))["state"] == "in-force"
        assert host.apply(threshold(flood_requests=0))["state"] == "rolled-back"
        assert second.poll() is None
    finally:
        second.kill()
        second.wait()
