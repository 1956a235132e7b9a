"""Regions as data, from outside: added, taken into service and out, removed; what is refused, and who waits."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.test_bad_input import problem

EU1 = {"name": "eu1", "address": "192.0.2.30"}
REPORT = "UPDATE region SET heartbeat_at = %s, gateway_at = %s, applied_change = 9e18 WHERE name = %s"


@pytest.fixture(autouse=True)
def _alone(root: DictCursor) -> Iterator[None]:
    """nw1 and se1 are in service; a region that a test adds goes with it."""
    yield
    root.execute("DELETE FROM binding WHERE region = 'eu1'")
    root.execute("DELETE FROM core WHERE region = 'eu1' OR label = 'of test_regions'")
    root.execute("DELETE FROM region WHERE name NOT IN ('nw1', 'se1')")
    root.execute("UPDATE region SET state = 'in-service', label = NULL")


@pytest.fixture
def eu1(client: FlaskClient) -> str:
    assert client.post("/v1/regions", json=EU1 | {"label": "Frankfurt"}).status_code == 201
    return "/v1/regions/eu1"


@contextmanager
def reporting(root: DictCursor, name: str) -> Iterator[None]:
    """Agent and gateway of the region are alive, and have applied everything."""
    root.execute(REPORT, ("9999-01-01", "9999-01-01", name))
    yield
    root.execute("UPDATE region SET heartbeat_at = NULL, gateway_at = NULL WHERE name = %s", (name,))


def bound(root: DictCursor) -> None:
    """A PBX is registered in eu1."""
    root.execute(
        "INSERT INTO binding (region, username, version, state, uid, address, port, expires_at, changed_at) VALUES"
        " ('eu1', 'x7k2', 1, 'live', 'b-eu', '192.0.2.7', 5060, UTC_TIMESTAMP(3) + INTERVAL 1 HOUR, UTC_TIMESTAMP(3))"
    )


def test_D1_a_new_region_is_out_until_somebody_takes_it_into_service(
    client: FlaskClient, root: DictCursor, eu1: str
) -> None:
    shown = client.get(eu1).get_json()
    assert (shown["state"], shown["label"], shown["address"], shown["ready"]) == (
        "out",
        "Frankfurt",
        "192.0.2.30",
        False,
    )
    with reporting(root, "eu1"):
        assert client.patch(eu1, json={"state": "in-service"}).get_json()["state"] == "in-service"
    assert [row["name"] for row in client.get("/v1/regions").get_json()["items"]] == ["eu1", "nw1", "se1"]


def test_a_change_is_told_to_all_regions_and_recorded(client: FlaskClient, root: DictCursor, eu1: str) -> None:
    change = client.patch(eu1, json={"label": None}).get_json()["change"]
    root.execute("SELECT entity, entity_id, data FROM change_log WHERE n = %s", (change,))
    assert root.fetchone() == {"entity": "region", "entity_id": "eu1", "data": None}
    (entry,) = client.get("/v1/audit?entity=region&entity_id=eu1&action=change&limit=1").get_json()["items"]
    assert (entry["before"]["label"], entry["after"]["label"]) == ("Frankfurt", None)
    assert entry["after"].keys() == {"name", "address", "state", "label", "created_at", "updated_at"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"name": "nw1"}, "region-exists"),
        ({"address": "127.0.11.1"}, "address-taken"),
        ({"address": "192.0.2.241"}, "cores-address"),
        ({"state": "in-service"}, "region-not-ready"),
        ({"state": "draining"}, "region-not-ready"),
    ],
)
def test_what_does_not_fit_is_refused(client: FlaskClient, body: dict[str, Any], kind: str) -> None:
    client.post("/v1/cores", json={"region": "nw1", "address": "192.0.2.241"})
    assert problem(client.post("/v1/regions", json=EU1 | body), 409)["type"].endswith(kind)
    assert client.get("/v1/regions/eu1").status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "EU1"),
        ("name", "1eu"),
        ("name", "eu-"),
        ("name", "e" * 16),
        ("name", "eu.1"),
        ("name", ""),
        ("address", "gateway.example"),
        ("address", "2001:db8::1"),
        ("address", "0.0.0.0"),  # noqa: S104
        ("address", "224.0.0.1"),
        ("state", "up"),
        ("state", None),
        ("force", "yes"),
        ("colour", "red"),
    ],
)
def test_what_is_no_region_is_refused(client: FlaskClient, field: str, value: object) -> None:
    assert problem(client.post("/v1/regions", json=EU1 | {field: value}), 422)["errors"][0]["field"] == field


def test_a_core_gateway_cannot_have_a_regions_address(client: FlaskClient, eu1: str) -> None:
    refused = client.post("/v1/cores", json={"region": "nw1", "address": EU1["address"]})
    assert problem(refused, 409)["type"].endswith("gateways-address")
    assert client.get(eu1).status_code == 200


def test_an_address_given_to_a_core_and_a_region_at_once_is_the_ones_or_the_others(app: Flask, admin_key: str) -> None:
    def ask(path: str, body: dict[str, Any]) -> int:
        other = app.test_client()
        return other.post(path, json=body, headers={"Authorization": f"Bearer {admin_key}"}).status_code

    for number in range(10):
        address = f"192.0.2.{100 + number}"
        asked = [("/v1/regions", {"name": f"t{number}", "address": address})]
        asked.append(("/v1/cores", {"region": "nw1", "address": address, "label": "of test_regions"}))
        with ThreadPoolExecutor(2) as pool:
            codes = sorted(pool.map(lambda each: ask(*each), asked))
        assert codes == [201, 409]


def test_D1_the_last_region_in_service_stays_unless_it_is_forced_out(client: FlaskClient) -> None:
    assert client.patch("/v1/regions/nw1", json={"state": "draining"}).status_code == 200
    refused = problem(client.patch("/v1/regions/se1", json={"state": "draining"}), 409)
    assert refused["type"].endswith("last-in-service")
    assert client.patch("/v1/regions/se1", json={"state": "draining", "force": True}).status_code == 200


def test_D1_two_who_drain_one_region_each_leave_one(app: Flask, admin_key: str, client: FlaskClient) -> None:
    def drain(name: str) -> int:
        headers = {"Authorization": f"Bearer {admin_key}"}
        return app.test_client().patch(f"/v1/regions/{name}", json={"state": "draining"}, headers=headers).status_code

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(drain, ("nw1", "se1"))) == [200, 409]
        for name in ("nw1", "se1"):
            client.patch(f"/v1/regions/{name}", json={"state": "in-service", "force": True})


def test_a_region_that_does_not_work_is_not_put_before_PBXs(client: FlaskClient, eu1: str) -> None:
    assert problem(client.patch(eu1, json={"state": "in-service"}), 409)["type"].endswith("region-not-ready")
    assert client.patch(eu1, json={"state": "in-service", "force": True}).status_code == 200
    assert client.patch(eu1, json={"force": True}).status_code == 422


def test_an_address_changes_only_while_the_region_is_stopped(client: FlaskClient, root: DictCursor, eu1: str) -> None:
    with reporting(root, "eu1"):
        assert problem(client.patch(eu1, json={"address": "192.0.2.31"}), 409)["type"].endswith("region-runs")
        assert client.patch(eu1, json={"address": EU1["address"], "label": "x"}).status_code == 200
    assert client.patch(eu1, json={"address": "192.0.2.31"}).get_json()["address"] == "192.0.2.31"
    assert problem(client.patch(eu1, json={"address": "127.0.11.1"}), 409)["type"].endswith("address-taken")


def test_I3_a_region_with_live_bindings_is_not_forgotten_by_the_others(
    client: FlaskClient, root: DictCursor, eu1: str
) -> None:
    client.patch(eu1, json={"state": "draining", "force": True})
    bound(root)
    assert problem(client.patch(eu1, json={"state": "out"}), 409)["type"].endswith("region-in-use")
    assert client.patch(eu1, json={"state": "out", "force": True}).status_code == 200


def test_T3_a_region_in_use_stays_and_what_uses_it_is_named(client: FlaskClient, root: DictCursor, eu1: str) -> None:
    core = client.post("/v1/cores", json={"region": "eu1", "address": "192.0.2.242"}).get_json()
    bound(root)
    with reporting(root, "eu1"):
        used = problem(client.delete(eu1), 409)
    assert [use["type"] for use in used["used_by"]] == ["core", "binding", "agent"]
    assert (used["used_by"][0]["id"], used["used_by"][1]["username"], used["used_by_count"]) == (core["id"], "x7k2", 3)
    root.execute("UPDATE binding SET expires_at = UTC_TIMESTAMP(3) WHERE region = 'eu1'")
    client.delete(f"/v1/cores/{core['id']}")
    assert client.delete(eu1).get_json()["name"] == "eu1"
    assert client.get(eu1).status_code == 404
    assert client.delete(eu1).status_code == 404


def test_D1_a_region_in_service_is_drained_before_it_is_removed(client: FlaskClient, eu1: str) -> None:
    client.patch(eu1, json={"state": "in-service", "force": True})
    assert problem(client.delete(eu1), 409)["type"].endswith("region-in-service")
    client.patch(eu1, json={"state": "draining"})
    assert client.delete(eu1).status_code == 200


@pytest.mark.parametrize("state", ["waiting", "checking", "switching", "trying"])
def test_what_a_removed_region_was_asked_to_do_is_withdrawn(
    client: FlaskClient, root: DictCursor, eu1: str, state: str
) -> None:
    """Else one that is added under its name again would be busy with it."""
    insert = (
        "INSERT INTO application (region, version, action, actor_kind, state) VALUES ('eu1', 1, 'apply', 'key', %s)"
    )
    root.execute(insert, (state,))
    client.delete(eu1)
    root.execute("SELECT state FROM application WHERE region = 'eu1' ORDER BY id DESC LIMIT 1")
    assert root.fetchone() == {"state": "withdrawn"}


def test_C5_a_region_that_is_out_is_waited_for_only_while_it_runs(
    client: FlaskClient, root: DictCursor, eu1: str
) -> None:
    assert "eu1" not in client.patch(eu1, json={"label": "x"}).get_json()["pending_regions"]
    with reporting(root, "eu1"):
        root.execute("UPDATE region SET applied_change = 0 WHERE name = 'eu1'")
        assert "eu1" in client.patch(eu1, json={"label": "y"}).get_json()["pending_regions"]
    client.patch(eu1, json={"state": "in-service", "force": True})
    assert "eu1" in client.patch(eu1, json={"label": "x"}).get_json()["pending_regions"], "it should run"
    client.patch(eu1, json={"state": "draining"})
    assert "eu1" not in client.delete(eu1).get_json()["pending_regions"]


def test_what_an_agent_reports_is_shown(client: FlaskClient, root: DictCursor, eu1: str) -> None:
    root.execute(
        "UPDATE region SET configuration = 3, configuration_digest = REPEAT('9f', 32),"
        """ dead_cores = '["192.0.2.201:5060"]' WHERE name = 'eu1'"""
    )
    shown = client.get(eu1).get_json()
    assert (shown["configuration"], shown["configuration_digest"]) == (3, "9f" * 32)
    assert shown["dead_cores"] == ["192.0.2.201:5060"]
    assert client.get("/v1/regions/nw1").get_json()["dead_cores"] is None
