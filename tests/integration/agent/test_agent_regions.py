"""Which other regions a region's store knows: rows of MariaDB, by change number."""

import sqlite3
from contextlib import closing

from tests.integration.agent.place import Deployment, Place, until

SE1 = ("se1", "127.0.13.2", "in-service")


def others(place: Place) -> list[tuple[str, str, str]]:
    """Those that are not gone."""
    return sorted(tuple(row) for row in place.store().regions if row.state != "gone")


def changed(deployment: Deployment, name: str, statement: str) -> int:
    return deployment.change("region", name, None, statement)


def added(deployment: Deployment, state: str) -> int:
    insert = "INSERT INTO region (name, address, state) VALUES ('eu1', '127.0.13.3', %s)"
    return deployment.change("region", "eu1", None, insert, state)


def test_I3_a_region_knows_all_others(deployment: Deployment, nw1: Place, se1: Place) -> None:
    changed(deployment, "se1", "DO 0")
    until(lambda: others(nw1) == [SE1])
    until(lambda: others(se1) == [("nw1", "127.0.13.1", "in-service")])
    added(deployment, "in-service")
    until(lambda: others(nw1) == [("eu1", "127.0.13.3", "in-service"), SE1])
    until(lambda: len(others(se1)) == 2)


def test_D2_a_region_that_is_out_is_none_and_one_that_drains_is(deployment: Deployment, nw1: Place) -> None:
    number = added(deployment, "out")
    until(lambda: nw1.store().change == number)
    assert others(nw1) == []
    changed(deployment, "eu1", "UPDATE region SET state = 'draining' WHERE name = 'eu1'")
    until(lambda: others(nw1) == [("eu1", "127.0.13.3", "draining")])
    changed(deployment, "eu1", "UPDATE region SET address = '127.0.13.4' WHERE name = 'eu1'")
    until(lambda: others(nw1) == [("eu1", "127.0.13.4", "draining")])
    changed(deployment, "eu1", "DELETE FROM region WHERE name = 'eu1'")
    until(lambda: [row.state for row in nw1.store().regions] == ["gone"])


def test_I3_a_region_that_is_out_itself_knows_nobody(deployment: Deployment, nw1: Place, se1: Place) -> None:
    """The others take what it sends for a stranger's."""
    changed(deployment, "nw1", "UPDATE region SET state = 'out' WHERE name = 'nw1'")
    until(lambda: [row.state for row in se1.store().regions] in ([], ["gone"]) and others(nw1) == [])
    changed(deployment, "nw1", "UPDATE region SET state = 'in-service' WHERE name = 'nw1'")
    until(lambda: others(nw1) == [SE1] and len(others(se1)) == 1)


def test_a_store_of_before_regions_were_data_is_filled_afresh(deployment: Deployment, nw1: Place) -> None:
    last = added(deployment, "in-service")
    until(lambda: nw1.store().change == last)
    nw1.kill()
    with closing(sqlite3.connect(nw1.home / "store.sqlite")) as old:
        old.executescript("DROP TABLE region;")
    nw1.start()
    until(lambda: nw1.store().change == last and others(nw1) == [("eu1", "127.0.13.3", "in-service")])


def test_I3_an_agent_reports_only_where_the_region_shall_be(deployment: Deployment, nw1: Place) -> None:
    """It was moved while it was down, and its host's settings were not: nobody would find it where its row says."""
    alive = "SELECT heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL 2 SECOND FROM region WHERE name = 'nw1'"
    until(lambda: deployment.query(alive) == [(1,)])
    changed(deployment, "nw1", "UPDATE region SET address = '127.0.13.9' WHERE name = 'nw1'")
    until(lambda: "MariaDB has this region at 127.0.13.9, and it runs at 127.0.13.1" in nw1.log())
    until(lambda: deployment.query(alive) == [(0,)])
    changed(deployment, "nw1", "UPDATE region SET address = '127.0.13.1' WHERE name = 'nw1'")
    until(lambda: deployment.query(alive) == [(1,)])
