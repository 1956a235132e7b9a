"""What the API writes reaches the region store, and what is gone goes."""

import time

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
