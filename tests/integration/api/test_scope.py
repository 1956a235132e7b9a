"""Who is bound to a tenant sees what is that tenant's, and does not learn that others exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.calls import Call, Row, agent, call, ids, items

__all__ = ["agent", "call"]

OWN, FOREIGN = "own-1", "foreign-1"
OWN_NUMBER, SHARED_NUMBER, BARE_NUMBER, FOREIGN_NUMBER = (f"+4420718399{n:02d}" for n in range(4))
HIDDEN = (None, None)


@pytest.fixture(scope="module")
def world(app: Flask, admin_key: str) -> dict[str, Any]:
    """Two tenants with a credential each; the own one's second number rings the other's PBX."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_key}"
    made: dict[str, Any] = {}
    for tenant in (OWN, FOREIGN):
        client.post("/v1/tenants", json={"account_id": tenant, "name": tenant})
        made[tenant] = client.post("/v1/credentials", json={"label": tenant, "tenant": tenant}).get_json()
    own, foreign = made[OWN]["id"], made[FOREIGN]["id"]
    for number, tenant, route in (
        (OWN_NUMBER, OWN, own),
        (SHARED_NUMBER, OWN, foreign),
        (BARE_NUMBER, OWN, None),
        (FOREIGN_NUMBER, FOREIGN, foreign),
    ):
        client.post("/v1/numbers", json={"number": number, "tenant": tenant, "credential": route})
    key = client.post("/v1/keys", json={"label": OWN, "scope": "operate", "tenant": OWN}).get_json()["key"]
    return made | {"key": key}


@pytest.fixture
def bound(app: Flask, world: dict[str, Any]) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {world['key']}"
    return client


def route(row: Row) -> tuple[str | None, str | None]:
    return row["credential"], row["username"]


def both(credential: Row) -> tuple[str, str]:
    return credential["id"], credential["username"]


def numbers(client: FlaskClient, **query: Any) -> list[str]:
    return [row["number"] for row in items(client, "numbers", **query)]


def test_a_number_that_rings_a_foreign_pbx_looks_like_one_without_a_route(bound: FlaskClient, world: Row) -> None:
    rows = {row["number"]: row for row in items(bound, "numbers")}
    assert rows.keys() == {OWN_NUMBER, SHARED_NUMBER, BARE_NUMBER}
    assert route(rows[OWN_NUMBER]) == both(world[OWN])
    assert route(rows[SHARED_NUMBER]) == HIDDEN
    assert route(bound.get(f"/v1/numbers/{SHARED_NUMBER}").get_json()) == HIDDEN
    assert world[FOREIGN]["id"] not in bound.get("/v1/numbers.csv").text
    changed = bound.patch(f"/v1/numbers/{SHARED_NUMBER}", json={"label": "Reception"}).get_json()
    assert route(changed) == HIDDEN


def test_filters_of_numbers_agree_with_what_is_shown(bound: FlaskClient, client: FlaskClient, world: Row) -> None:
    for name in both(world[FOREIGN]):
        assert numbers(bound, credential=name) == []
        assert numbers(client, credential=name) == [SHARED_NUMBER, FOREIGN_NUMBER]
    for name in both(world[OWN]):
        assert numbers(bound, credential=name) == [OWN_NUMBER]
    assert numbers(bound, routed="true") == [OWN_NUMBER]
    assert numbers(bound, routed="false") == [SHARED_NUMBER, BARE_NUMBER]
    assert numbers(bound, routed="false", sort="-number") == [BARE_NUMBER, SHARED_NUMBER]
    assert numbers(bound, prefix="+4420718399", limit=1) == [OWN_NUMBER]
    assert numbers(bound, tenant=FOREIGN) == []
    assert bound.get(f"/v1/numbers/{FOREIGN_NUMBER}").status_code == 404


@pytest.mark.parametrize(("path", "ended"), [("cdrs", 65), ("calls", None)])
def test_a_call_to_an_own_number_hides_the_foreign_pbx(
    bound: FlaskClient, call: Call, world: Row, path: str, ended: float | None
) -> None:
    own, foreign = both(world[OWN]), both(world[FOREIGN])
    inbound = {"direction": "inbound", "tenant": OWN, "ended": ended, "address": "192.0.2.200", "port": 5060}

    def of(credential: tuple[str, str]) -> Row:
        return {"credential": credential[0], "username": credential[1]}

    call("c-own", 0, number=OWN_NUMBER, **inbound, **of(own))
    call("c-shared", 1, number=SHARED_NUMBER, **inbound, **of(foreign))
    call("c-out", 2, tenant=OWN, ended=ended, **of(own))
    call("c-foreign", 3, tenant=FOREIGN, ended=ended, **of(foreign))
    rows = {row["id"]: row for row in items(bound, path)}
    assert list(rows) == ["c-out", "c-shared", "c-own"]
    assert (route(rows["c-own"]), route(rows["c-out"])) == (own, own)
    assert route(rows["c-shared"]) == HIDDEN
    assert (rows["c-shared"]["number"], rows["c-shared"]["address"]) == (SHARED_NUMBER, "192.0.2.200")
    assert bound.get(f"/v1/{path}/c-shared").get_json() == rows["c-shared"]
    assert bound.get(f"/v1/{path}/c-foreign").status_code == 404
    for name in foreign:
        assert ids(bound, path, credential=name) == []
    for name in own:
        assert ids(bound, path, credential=name, sort="started_at") == ["c-own", "c-out"]
    assert ids(bound, path, tenant=FOREIGN) == []
    assert ids(bound, path, number=SHARED_NUMBER) == ["c-shared"]
    for name in foreign:
        assert name not in bound.get("/v1/cdrs.csv").text


def test_records_of_a_prefix_are_the_tenants_own(bound: FlaskClient, call: Call) -> None:
    call("c-own", tenant=OWN)
    call("c-foreign", tenant=FOREIGN)
    assert ids(bound, "cdrs", caller="+1415*") == ["c-own"]
    assert ids(bound, "cdrs", caller="+1415*", callee="+1212*", region="nw1") == ["c-own"]


def test_usage_is_the_tenants_own(bound: FlaskClient, call: Call) -> None:
    call("c-own", tenant=OWN)
    call("c-foreign", tenant=FOREIGN)
    day = {"since": "2026-01-31", "until": "2026-01-31"}
    assert [row["tenant"] for row in items(bound, "usage", **day)] == [OWN]
    assert items(bound, "usage", tenant=FOREIGN, **day) == []
    assert [row["calls"] for row in items(bound, "usage", tenant=OWN.upper(), **day)] == [1]


def test_tenants_and_credentials_are_the_own_ones(bound: FlaskClient, world: Row) -> None:
    assert [row["account_id"] for row in items(bound, "tenants", sort="-account_id")] == [OWN]
    for sort in ("-created_at", "created_at", "username", "-username"):
        assert [row["id"] for row in items(bound, "credentials", sort=sort)] == [world[OWN]["id"]]
    assert items(bound, "credentials", tenant=FOREIGN) == []
    assert items(bound, "credentials", username=world[FOREIGN]["username"]) == []


def test_of_the_calls_that_end_with_a_credential_the_own_ones_are_counted(
    bound: FlaskClient, client: FlaskClient, call: Call, world: Row
) -> None:
    path = f"/v1/credentials/{world[OWN]['id']}"
    of_own = {"credential": world[OWN]["id"], "username": world[OWN]["username"], "ended": None}
    call("c-own", tenant=OWN, **of_own)
    call("c-foreign", tenant=FOREIGN, direction="inbound", **of_own)
    for who, count in ((bound, 1), (client, 2)):
        answer = who.patch(path, json={"enabled": False, "end_calls": True}).get_json()
        assert answer["ending_calls"] == len(ids(who, "calls", credential=world[OWN]["id"])) == count
    client.patch(path, json={"enabled": True})


@pytest.fixture
def reported(root: DictCursor, world: Row) -> Iterator[Callable[[], None]]:
    """Bindings, blocks and events of both tenants; a block of a whole address besides."""

    def clear() -> None:
        for table in ("binding", "block", "event"):
            root.execute(f"DELETE FROM {table}")  # noqa: S608

    def write() -> None:
        clear()
        for tenant in (OWN, FOREIGN):
            name = world[tenant]["username"]
            root.execute(
                "INSERT INTO binding (region, username, version, state, uid, address, port, since, refreshed_at,"
                " expires_at, changed_at) SELECT region, %s, 1, 'live', CONCAT(region, %s), '192.0.2.7', 5062, at, at,"
                " '2199-01-01', at FROM (SELECT 'nw1' AS region, UTC_TIMESTAMP(3) AS at UNION SELECT 'se1',"
                " UTC_TIMESTAMP(3)) made",
                (name, name),
            )
            write_block(f"k-{tenant}", name)
            root.execute(
                "INSERT INTO event (region, at, rule, cause, username, address, sentence)"
                " VALUES ('nw1', UTC_TIMESTAMP(3), 'R4', 'early', %s, '192.0.2.7', %s)",
                (name, tenant),
            )
        write_block("k-address", None)

    def write_block(uid: str, name: str | None) -> None:
        root.execute(
            "INSERT INTO block (uid, region, address, username, cause, rule, at, until)"
            " VALUES (%s, 'nw1', '192.0.2.7', %s, 'flood', 'B2', UTC_TIMESTAMP(3), '2199-01-01')",
            (uid, name),
        )

    yield write
    clear()


@pytest.mark.parametrize("few", [1, 2000], ids=["many", "few"])
def test_bindings_blocks_and_events_are_those_of_the_tenants_credentials(
    bound: FlaskClient,
    client: FlaskClient,
    world: Row,
    reported: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    few: int,
) -> None:
    monkeypatch.setattr("api.events.store.FEW", few)
    monkeypatch.setattr("api.blocks.store.FEW", few)
    reported()
    assert [row["region"] for row in items(bound, "bindings")] == ["nw1", "se1"]
    assert [row["region"] for row in items(bound, "bindings", region="se1")] == ["se1"]
    assert {row["username"] for row in items(bound, "bindings")} == {world[OWN]["username"]}
    assert ids(bound, "blocks") == ids(bound, "blocks", address="192.0.2.7", sort="at") == ["k-own-1"]
    assert len(ids(client, "blocks")) == 3
    for query in ({}, {"rule": "R4"}, {"address": "192.0.2.7", "sort": "id"}, {"credential": world[OWN]["id"]}):
        assert [row["sentence"] for row in items(bound, "events", **query)] == [OWN], query
    for path in ("bindings", "blocks", "events"):
        assert items(bound, path, credential=world[FOREIGN]["id"]) == []
