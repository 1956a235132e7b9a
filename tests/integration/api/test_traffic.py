"""Regions, bindings, blocks and events as the API shows them: rows as agents write them, over an agent's account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.server import Reporter, connected, running_app

Row = dict[str, Any]
Insert = Callable[..., None]


@pytest.fixture
def agent(settings: Settings) -> Iterator[DictCursor]:
    """The account of region nw1."""
    with connected(settings, "region-nw1") as cursor:
        yield cursor


@pytest.fixture
def bind(agent: DictCursor) -> Iterator[Callable[..., str]]:
    """Writes a binding as nw1's agent does."""

    def write(username: str, uid: str, state: str = "live", expires_in: int = 300) -> str:
        agent.execute(
            "REPLACE INTO binding (region, username, version, state, uid, address, port, contact, user_agent, since,"
            " refreshed_at, expires_at, changed_at) VALUES ('nw1', %s, 1, %s, %s, '192.0.2.7', 5062, 'sip:x@10.0.0.9',"
            " 'Asterisk PBX 22', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL %s SECOND,"
            " UTC_TIMESTAMP(3))",
            (username, state, uid, expires_in),
        )
        return uid

    yield write
    agent.execute("DELETE FROM binding")


@pytest.fixture
def block(agent: DictCursor, root: DictCursor) -> Iterator[Callable[..., str]]:
    """Writes a block as nw1's agent does."""

    def write(uid: str, username: str | None = None, seconds: int = 900) -> str:
        agent.execute(
            "INSERT INTO block (uid, region, address, username, cause, rule, at, until) VALUES (%s, 'nw1', '192.0.2.7',"
            " %s, 'wrong_passwords', 'B2', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL %s SECOND)",
            (uid, username, seconds),
        )
        return uid

    yield write
    root.execute("DELETE FROM block")


def write_event(agent: DictCursor, rule: str, username: str, credential: str | None = None) -> None:
    agent.execute(
        "INSERT INTO event (region, at, rule, cause, code, username, credential, address, sentence)"
        " VALUES ('nw1', UTC_TIMESTAMP(3), %s, 'early', 429, %s, %s, '192.0.2.7', 'too early')",
        (rule, username, credential),
    )


def items(client: FlaskClient, path: str, **query: Any) -> list[Row]:
    answer = client.get(f"/v1/{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    rows: list[Row] = answer.get_json()["items"]
    return rows


def test_region_is_ready_while_agent_and_gateway_report(client: FlaskClient, settings: Settings) -> None:
    with Reporter(settings, "nw1"):
        by_name = {row["name"]: row for row in items(client, "regions")}
    assert by_name["nw1"]["ready"] is True
    assert by_name["nw1"]["address"] == "127.0.11.1"
    assert by_name["nw1"]["applied_change"] <= by_name["nw1"]["change"]
    assert by_name["nw1"]["heartbeat_at"].endswith("Z")
    assert by_name["se1"]["ready"] is False
    assert by_name["nw1"]["test_limits"] is False


def test_live_binding_is_shown_with_its_credential(
    client: FlaskClient, credential: Row, bind: Callable[..., str]
) -> None:
    bind(credential["username"], "b-live")
    bind("gone-one", "b-gone", state="gone")
    bind("old-one", "b-old", expires_in=-1)
    rows = items(client, "bindings")
    assert [row["id"] for row in rows] == ["b-live"]
    row = rows[0]
    assert (row["region"], row["username"], row["credential"]) == ("nw1", credential["username"], credential["id"])
    assert (row["address"], row["port"], row["user_agent"]) == ("192.0.2.7", 5062, "Asterisk PBX 22")
    assert 290 <= row["expires_in"] <= 300
    assert client.get(f"/v1/credentials/{credential['id']}").get_json()["bindings"] == [row]


def test_R6_binding_whose_PBX_has_fallen_silent_says_so(client: FlaskClient, bind: Callable[..., str]) -> None:
    bind("quiet", "b-quiet", state="silent")
    bind("loud", "b-loud")
    assert {row["id"]: row["silent"] for row in items(client, "bindings")} == {"b-quiet": True, "b-loud": False}


def test_bindings_are_filtered_and_paged(client: FlaskClient, credential: Row, bind: Callable[..., str]) -> None:
    bind(credential["username"], "b-2")
    bind("another", "b-1")
    bind("third", "b-3")
    for name in ("id", "username"):
        assert [row["id"] for row in items(client, "bindings", credential=credential[name])] == ["b-2"]
    assert items(client, "bindings", region="se1") == []
    first = client.get("/v1/bindings?limit=2").get_json()
    second = client.get("/v1/bindings", query_string={"limit": 2, "after": first["next"]}).get_json()
    names = {"another": "b-1", credential["username"]: "b-2", "third": "b-3"}
    assert [row["id"] for row in first["items"] + second["items"]] == [names[name] for name in sorted(names)]
    assert second["next"] is None


@pytest.mark.usefixtures("patient")
def test_R6_binding_is_removed_through_its_region(
    client: FlaskClient, settings: Settings, agent: DictCursor, bind: Callable[..., str]
) -> None:
    bind("somebody", "b-remove")
    with Reporter(settings, "nw1"):
        answer = client.delete("/v1/bindings/b-remove").get_json()
    assert answer["pending_regions"] == []
    agent.execute("SELECT entity, entity_id, data FROM change_log WHERE n = %s", (answer["change"],))
    assert agent.fetchone() == {
        "entity": "binding",
        "entity_id": "b-remove",
        "data": '{"region": "nw1", "username": "somebody"}',
    }


def test_B5_active_blocks_are_shown_with_cause_and_end(
    client: FlaskClient, credential: Row, block: Callable[..., str]
) -> None:
    block("k-now", credential["username"])
    block("k-over", seconds=-1)
    rows = items(client, "blocks")
    assert [row["id"] for row in rows] == ["k-now"]
    assert (rows[0]["cause"], rows[0]["rule"], rows[0]["credential"]) == ("wrong_passwords", "B2", credential["id"])
    assert 890 <= rows[0]["ends_in"] <= 900
    assert {row["id"] for row in items(client, "blocks", ended="true")} == {"k-now", "k-over"}
    assert items(client, "blocks", credential=credential["id"])[0]["id"] == "k-now"


@pytest.mark.usefixtures("patient")
def test_B5_block_is_lifted_through_its_region(
    client: FlaskClient, settings: Settings, agent: DictCursor, block: Callable[..., str]
) -> None:
    block("k-lift")
    with Reporter(settings, "nw1"):
        answer = client.delete("/v1/blocks/k-lift").get_json()
    assert answer["pending_regions"] == []
    agent.execute("SELECT entity, entity_id, data FROM change_log WHERE n = %s", (answer["change"],))
    assert agent.fetchone() == {"entity": "block", "entity_id": "k-lift", "data": '{"region": "nw1"}'}


def test_B5_block_that_is_over_cannot_be_lifted(client: FlaskClient, block: Callable[..., str]) -> None:
    block("k-past", seconds=-1)
    answer = client.delete("/v1/blocks/k-past")
    assert answer.status_code == 404
    assert "may have ended" in answer.get_json()["detail"]


def test_events_of_a_credential_are_found_by_id_and_username(
    client: FlaskClient, credential: Row, agent: DictCursor
) -> None:
    write_event(agent, "R4", credential["username"], credential["id"])
    write_event(agent, "R2", credential["username"])
    write_event(agent, "R2", "somebody-else")
    for name in ("id", "username"):
        rows = items(client, "events", credential=credential[name])
        assert [row["rule"] for row in rows] == ["R2", "R4"]
    assert rows[0]["sentence"] == "too early"
    assert [row["rule"] for row in items(client, "events", credential=credential["id"], rule="R4")] == ["R4"]
    assert items(client, "events", credential=credential["id"], region="se1") == []


def test_event_pages_show_every_event_once_newest_first(client: FlaskClient, agent: DictCursor) -> None:
    for _ in range(5):
        write_event(agent, "R4", "paged")
    seen: list[int] = []
    query: Row = {"credential": "paged", "limit": 2}
    while True:
        page = client.get("/v1/events", query_string=query).get_json()
        seen += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert len(seen) == 5
    assert seen == sorted(set(seen), reverse=True)


@pytest.mark.usefixtures("regions")
def test_C5_a_region_that_is_out_is_listed_and_not_awaited(
    settings: Settings, admin_key: str, root: DictCursor
) -> None:
    root.execute("INSERT INTO region (name, address, state) VALUES ('old', '127.0.11.3', 'out')")
    try:
        with running_app(settings) as app:
            client = app.test_client()
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_key}"
            made = client.post("/v1/credentials", json={"label": "x"}).get_json()
            gone = client.delete(f"/v1/credentials/{made['id']}").get_json()
            assert gone["pending_regions"] == []
            assert [row["name"] for row in items(client, "regions")] == ["nw1", "old", "se1"]
    finally:
        root.execute("DELETE FROM region WHERE name = 'old'")


@pytest.mark.usefixtures("regions")
def test_R3_list_is_edited_and_regions_learn_of_it(client: FlaskClient, agent: DictCursor) -> None:
    made = client.post("/v1/user-agents", json={"kind": "phone", "pattern": "Acme Phone *", "note": "Acme"})
    assert made.status_code == 201
    rule = made.get_json()
    assert rule["pending_regions"] == []
    assert rule["id"] in {row["id"] for row in items(client, "user-agents", kind="phone")}
    assert rule["id"] not in {row["id"] for row in items(client, "user-agents", kind="scanner")}
    agent.execute("SELECT pattern FROM user_agent WHERE id = %s", (rule["id"],))
    assert agent.fetchone() == {"pattern": "Acme Phone *"}
    assert client.post("/v1/user-agents", json={"kind": "phone", "pattern": "acme phone *"}).status_code == 409
    removed = client.delete(f"/v1/user-agents/{rule['id']}").get_json()
    assert removed["change"] > rule["change"]
    agent.execute("SELECT COUNT(*) AS n FROM change_log WHERE entity = 'user_agent' AND entity_id = %s", (rule["id"],))
    assert agent.fetchone() == {"n": 2}


@pytest.mark.parametrize("pattern", ["*", "**", "?*", " * "])
def test_R3_pattern_that_would_refuse_every_PBX_is_refused(client: FlaskClient, pattern: str) -> None:
    answer = client.post("/v1/user-agents", json={"kind": "phone", "pattern": pattern})
    assert answer.status_code == 422
    assert "name a model" in answer.get_json()["detail"]


def test_user_agent_kind_is_phone_or_scanner(client: FlaskClient) -> None:
    answer = client.post("/v1/user-agents", json={"kind": "pbx", "pattern": "x"})
    assert answer.status_code == 422
    assert "phone, scanner" in answer.get_json()["detail"]
