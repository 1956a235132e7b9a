"""What the API writes reaches the region store, and what is gone goes."""

import sqlite3
import time
from contextlib import closing

from tests.integration.agent.place import Deployment, Place, until


def credentials(place: Place) -> dict[str, tuple[str | None, int]]:
    return {row.username: (row.ha1, row.enabled) for row in place.store().credentials}


def test_C5_a_credential_is_made_disabled_and_deleted(deployment: Deployment, nw1: Place) -> None:
    number = deployment.add_credential("x7k2")
    until(lambda: nw1.store().change == number)
    assert credentials(nw1) == {"x7k2": ("a" * 32, 1)}
    deployment.change("credential", "cr-x7k2", None, "UPDATE credential SET enabled = 0 WHERE id = 'cr-x7k2'")
    until(lambda: credentials(nw1) == {"x7k2": ("a" * 32, 0)})
    deployment.delete_credential("x7k2")
    until(lambda: credentials(nw1) == {"x7k2": (None, 0)})


def test_a_reader_sees_only_what_came_since(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("first")
    until(lambda: "first" in credentials(nw1))
    seen = nw1.store().seq
    deployment.add_credential("second")
    until(lambda: "second" in credentials(nw1))
    changes = nw1.reader.changes_since(seen)
    assert [row.username for row in changes.credentials] == ["second"]
    assert not changes.user_agents


def test_R3_the_user_agent_list_follows_with_deletions(deployment: Deployment, nw1: Place) -> None:
    until(lambda: nw1.store().change is not None)
    deployment.change("user_agent", "ua-x", None, "DELETE FROM user_agent")
    until(lambda: all(rule.kind == "gone" for rule in nw1.store().user_agents))
    insert = "INSERT INTO user_agent (id, kind, pattern) VALUES ('ua-x', 'phone', 'Deskphone*')"
    deployment.change("user_agent", "ua-x", None, insert)
    until(
        lambda: [rule for rule in nw1.store().user_agents if rule.kind != "gone"] == [("ua-x", "phone", "Deskphone*")]
    )


def test_B5_R6_commands_reach_their_own_region_only(deployment: Deployment, nw1: Place, se1: Place) -> None:
    number = deployment.change("binding", "b-1", {"region": "nw1", "username": "x7k2"})
    deployment.change("block", "k-1", {"region": "se1"})
    last = deployment.add_credential("x7k2")
    until(lambda: nw1.store().change == last and se1.store().change == last)
    assert [row[:3] for row in nw1.store().commands] == [(number, "binding", "b-1")]
    assert [row[:3] for row in se1.store().commands] == [(number + 1, "block", "k-1")]


def test_C5_calls_to_be_ended_reach_their_region_also_in_a_snapshot(deployment: Deployment, nw1: Place) -> None:
    ended = deployment.change("call", "c-1", {"region": "nw1"})
    deployment.change("call", "c-2", {"region": "se1"})
    until(lambda: [row[:3] for row in nw1.store().commands] == [(ended, "call", "c-1")])
    nw1.kill()
    for file in nw1.home.glob("store.sqlite*"):
        file.unlink()
    nw1.start()
    until(lambda: nw1.store().change == ended + 1)
    assert [row[:3] for row in nw1.store().commands] == [(ended, "call", "c-1")]


def test_a_gap_in_the_change_log_leads_to_a_snapshot(deployment: Deployment, nw1: Place) -> None:
    last = deployment.add_credential("stays")
    deployment.add_credential("goes")
    until(lambda: len(credentials(nw1)) == 2)
    nw1.kill()
    seen = nw1.store().seq
    deployment.delete_credential("goes")
    last = deployment.add_credential("comes")
    deployment.query("DELETE FROM change_log WHERE n = %s", last - 1)
    nw1.start()
    until(lambda: nw1.store().change == last)
    assert {name for name, (ha1, _) in credentials(nw1).items() if ha1} == {"stays", "comes"}
    changed = {row.username for row in nw1.reader.changes_since(seen).credentials}
    assert changed == {"goes", "comes"}, "an unchanged row does not trouble the gateway"


def test_a_database_that_was_put_back_leads_to_a_snapshot(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("kept")
    last = deployment.add_credential("forgotten")
    until(lambda: nw1.store().change == last)
    deployment.query("DELETE FROM credential WHERE username = 'forgotten'")
    deployment.query("DELETE FROM change_log WHERE n = %s", last)
    deployment.query("UPDATE change_counter SET n = %s", last - 1)
    until(lambda: nw1.store().change == last - 1)
    assert credentials(nw1)["forgotten"] == (None, 0)
    assert credentials(nw1)["kept"] == ("a" * 32, 1)


def test_20000_credentials_arrive_as_a_snapshot(deployment: Deployment, nw1: Place) -> None:
    nw1.kill()
    deployment.query(
        "INSERT INTO credential (id, username, ha1, label) "
        "SELECT CONCAT('cr-', seq), CONCAT('user', seq), MD5(seq), '' FROM seq_1_to_20000"
    )
    number = deployment.change("tenant", "t")
    started = time.monotonic()
    nw1.start()
    until(lambda: nw1.store().change == number, 30)
    print(f"snapshot of 20,000 credentials, with the agent's start: {time.monotonic() - started:.2f} s")
    assert len(credentials(nw1)) == 20_000


def numbers(place: Place) -> dict[str, tuple[str | None, str | None, int]]:
    return {row.number: (row.username, row.tenant, row.present) for row in place.store().numbers}


def test_T1_numbers_come_with_their_tenant_and_the_username_of_their_route(deployment: Deployment, nw1: Place) -> None:
    deployment.query("INSERT INTO tenant (account_id, name) VALUES ('acme', 'Acme')")
    deployment.add_credential("x7k2")
    insert = "INSERT INTO number (number, tenant, credential) VALUES ('+14155550100', 'acme', 'cr-x7k2')"
    deployment.change("number", "+14155550100", None, insert)
    until(lambda: numbers(nw1) == {"+14155550100": ("x7k2", "acme", 1)})
    deployment.change("number", "+14155550100", None, "UPDATE number SET credential = NULL")
    until(lambda: numbers(nw1) == {"+14155550100": (None, "acme", 1)})
    deployment.change("number", "+14155550100", None, "DELETE FROM number")
    until(lambda: numbers(nw1)["+14155550100"][2] == 0)


def test_O5_a_credential_comes_with_its_tenant(deployment: Deployment, nw1: Place) -> None:
    deployment.query("INSERT INTO tenant (account_id, name) VALUES ('acme', 'Acme')")
    deployment.add_credential("x7k2")
    deployment.change("credential", "cr-x7k2", None, "UPDATE credential SET tenant = 'acme'")
    until(lambda: [row.tenant for row in nw1.store().credentials] == ["acme"])


def test_O6_a_region_knows_its_own_cores_only(deployment: Deployment, nw1: Place, se1: Place) -> None:
    insert = (
        "INSERT INTO core (id, region, address, enabled) VALUES "
        "('co-1', 'nw1', '192.0.2.1', 1), ('co-2', 'nw1', '192.0.2.2', 0), ('co-3', 'se1', '192.0.2.3', 1)"
    )
    deployment.change("core", "co-1", {"region": "nw1"}, insert)
    enabled, disabled = ("co-1", "192.0.2.1", 5060, "enabled"), ("co-2", "192.0.2.2", 5060, "disabled")
    until(lambda: sorted(nw1.store().cores) == [enabled, disabled])
    until(lambda: se1.store().cores == [("co-3", "192.0.2.3", 5060, "enabled")])
    deployment.change("core", "co-1", {"region": "nw1"}, "DELETE FROM core WHERE id = 'co-1'")
    until(lambda: {row.id: row.state for row in nw1.store().cores} == {"co-1": "gone", "co-2": "disabled"})


def test_O4_the_emergency_list_ships_and_follows(deployment: Deployment, nw1: Place) -> None:
    until(lambda: {row.digits for row in nw1.store().emergency_numbers} == {"911", "933", "112"})
    statement = "DELETE FROM emergency_number WHERE digits = '933'"
    deployment.change("emergency_number", "933", None, statement)
    until(lambda: {row.digits: row.state for row in nw1.store().emergency_numbers}["933"] == "gone")


def test_a_store_of_before_numbers_is_filled_afresh(deployment: Deployment, nw1: Place) -> None:
    deployment.add_credential("x7k2")
    insert = "INSERT INTO number (number, credential) VALUES ('+14155550100', 'cr-x7k2')"
    last = deployment.change("number", "+14155550100", None, insert)
    until(lambda: nw1.store().change == last)
    nw1.kill()
    with closing(sqlite3.connect(nw1.home / "store.sqlite")) as old:
        old.executescript("ALTER TABLE credential DROP COLUMN tenant; DROP TABLE number;")
    nw1.start()
    until(lambda: nw1.store().change == last and numbers(nw1) == {"+14155550100": ("x7k2", None, 1)})
    assert credentials(nw1) == {"x7k2": ("a" * 32, 1)}
