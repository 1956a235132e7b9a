"""Alias domains and versions of their zones, from outside."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.domains import checkzone
from tests.integration.api.route_table import READ
from tests.integration.api.worlds import with_key

_LAST = itertools.count(1)


@pytest.fixture
def domain(client: FlaskClient) -> dict[str, Any]:
    name = f"brand-{next(_LAST)}.example"
    answer = client.post("/v1/domains", json={"name": name, "label": "Brand", "name_servers": [f"ns1.{name}"]})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


@pytest.fixture
def draining(root: DictCursor) -> Iterator[None]:
    root.execute("UPDATE region SET state = 'draining' WHERE name = 'se1'")
    yield
    root.execute("UPDATE region SET state = 'in-service'")


def test_D2_a_domain_goes_through_its_life(client: FlaskClient, domain: dict[str, Any]) -> None:
    name = domain["name"]
    assert (domain["registrar"], domain["ttl"], domain["hostmaster"]) == (f"reg.{name}", 60, f"hostmaster@{name}")
    wanted = {"ttl": 300, "hostmaster": "DNS.Team@Example.com", "name_servers": ["NS1.example.com", "ns1.example.com"]}
    changed = client.patch(f"/v1/domains/{name.upper()}", json=wanted).get_json()
    assert (changed["ttl"], changed["hostmaster"]) == (300, "dns.team@example.com")
    assert changed["name_servers"] == ["ns1.example.com"]
    assert name in [row["name"] for row in client.get("/v1/domains").get_json()["items"]]
    assert client.delete(f"/v1/domains/{name}").get_json() == {"name": name}
    assert client.get(f"/v1/domains/{name}").status_code == 404
    actions = client.get("/v1/audit", query_string={"entity_id": name}).get_json()["items"]
    assert [each["action"] for each in actions] == ["delete", "change", "create"]


def test_a_domain_of_the_greatest_length_is_audited_whole(client: FlaskClient) -> None:
    name = ".".join(["x" * 63, "y" * 63, "z" * 63, "example"])
    assert len(name) == 199
    assert client.post("/v1/domains", json={"name": name, "name_servers": ["ns.example.net"]}).status_code == 201
    assert client.get(f"/v1/domains/{name}/zone/check").get_json()["passed"] is True
    assert client.get("/v1/audit", query_string={"entity_id": name}).get_json()["items"]
    client.delete(f"/v1/domains/{name}")


@pytest.mark.parametrize(
    "name",
    [
        "example",
        "-a.example",
        "a-.example",
        "a..example",
        "a.example.",
        ".example",
        "192.0.2.1",
        "a_b.example",
        "bücher.example",
        "a b.example",
        "a.example\n",
        f"{'x' * 64}.example",
        f"{'x.' * 100}example",
        "$INCLUDE.example",
        7,
        None,
    ],
)
def test_what_is_no_host_name_is_refused(client: FlaskClient, name: object) -> None:
    refused = client.post("/v1/domains", json={"name": name, "name_servers": ["ns.example.net"]})
    assert (refused.status_code, refused.get_json()["detail"][:6]) == (422, "name: ")
    wrong = client.post("/v1/domains", json={"name": "right.example", "name_servers": [name]})
    assert wrong.status_code == 201 if name == f"{'x.' * 100}example" else 422
    client.delete("/v1/domains/right.example")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_servers", []),
        ("name_servers", ["ns.example"] * 9),
        ("hostmaster", "nobody"),
        ("hostmaster", "a b@example.net"),
        ("hostmaster", f"{'x' * 64}@example.net"),
        ("ttl", 29),
        ("ttl", 86_401),
        ("ttl", "60"),
        ("colour", "red"),
    ],
)
def test_what_no_zone_can_say_is_refused(client: FlaskClient, field: str, value: object) -> None:
    body = {"name": "right.example", "name_servers": ["ns.example.net"]} | {field: value}
    assert client.post("/v1/domains", json=body).status_code == 422


def test_a_name_server_within_the_zone_and_a_second_domain_of_a_name_are_refused(
    client: FlaskClient, domain: dict[str, Any]
) -> None:
    name = domain["name"]
    for inside in (f"reg.{name}", f"ns.REG.{name}"):
        refused = client.patch(f"/v1/domains/{name}", json={"name_servers": [inside]})
        assert (refused.status_code, refused.get_json()["type"][-18:]) == (409, "name-server-inside")
    again = client.post("/v1/domains", json={"name": name.upper(), "name_servers": ["ns.example.net"]})
    assert (again.status_code, "already" in again.get_json()["detail"]) == (409, True)


def test_a_tenant_s_key_learns_the_registrar_and_not_the_label(
    app: Flask, root: DictCursor, client: FlaskClient, domain: dict[str, Any]
) -> None:
    client.post("/v1/tenants", json={"account_id": "of-a-domain", "name": "x"})
    key = with_key(app, root, READ, "of-a-domain")
    shown = key.get(f"/v1/domains/{domain['name']}").get_json()
    assert (shown["registrar"], shown["label"]) == (domain["registrar"], None)
    assert key.get(f"/v1/domains/{domain['name']}/zone").status_code == 403


def test_D1_a_version_is_stored_when_something_changed(
    client: FlaskClient, domain: dict[str, Any], root: DictCursor
) -> None:
    path = f"/v1/domains/{domain['name']}"
    assert client.get(f"{path}/zone").get_json()["version"] is None
    first = client.post(f"{path}/zones").get_json()
    assert (first["version"], first["stored"], first["actor_kind"]) == (1, True, "key")
    assert client.post(f"{path}/zones").get_json() == first | {"stored": False, "checked": []}
    root.execute("UPDATE region SET state = 'draining' WHERE name = 'se1'")
    try:
        now = client.get(f"{path}/zone").get_json()
        assert (now["changed"], now["version"]) == (True, 1)
        second = client.post(f"{path}/zones").get_json()
    finally:
        root.execute("UPDATE region SET state = 'in-service'")
    assert (second["version"], second["serial"] > first["serial"]) == (2, True)
    assert client.get(f"{path}/zones/1").get_json()["text"] == first["text"]
    page = client.get(f"{path}/zones", query_string={"limit": 1}).get_json()
    assert [row["version"] for row in page["items"]] == [2]
    rest = client.get(f"{path}/zones", query_string={"after": page["next"]}).get_json()["items"]
    assert [row["version"] for row in rest] == [1]
    for none in ("3", "0", "one", "9999999999"):
        assert client.get(f"{path}/zones/{none}").status_code == 404


def test_D1_serials_go_on_when_a_domain_is_made_again(client: FlaskClient, domain: dict[str, Any]) -> None:
    name = domain["name"]
    before = client.post(f"/v1/domains/{name}/zones").get_json()
    client.delete(f"/v1/domains/{name}")
    client.post("/v1/domains", json={"name": name, "name_servers": ["ns9.example.net"]})
    after = client.post(f"/v1/domains/{name}/zones").get_json()
    assert (after["version"], after["serial"] > before["serial"]) == (2, True)


def test_D1_two_who_store_at_once_make_one_version(app: Flask, admin_key: str, domain: dict[str, Any]) -> None:
    def store(_: int) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {admin_key}"}
        answer: dict[str, Any] = (
            app.test_client().post(f"/v1/domains/{domain['name']}/zones", headers=headers).get_json()
        )
        return answer

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(store, range(8)))
    assert {(each["version"], each["serial"]) for each in answers} == {(1, answers[0]["serial"])}
    assert [each["stored"] for each in answers].count(True) == 1


def test_F3_what_named_checkzone_refuses_is_not_stored(
    client: FlaskClient, domain: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/v1/domains/{domain['name']}"
    for command, kind in ((("false",), "zone-refused"), (("named-checkzone-is-gone",), "zone-unchecked")):
        monkeypatch.setattr(checkzone, "COMMAND", command)
        refused = client.post(f"{path}/zones")
        assert (refused.status_code, refused.get_json()["type"].rpartition(":")[2]) == (409, kind)
    assert client.get(f"{path}/zone/check").status_code == 409
    assert client.get(f"{path}/zones").get_json()["items"] == []


@pytest.mark.usefixtures("draining")
def test_D1_no_region_in_service_is_a_warning(client: FlaskClient, domain: dict[str, Any], root: DictCursor) -> None:
    root.execute("UPDATE region SET state = 'out' WHERE name = 'nw1'")
    zone = client.post(f"/v1/domains/{domain['name']}/zones").get_json()
    assert len(zone["warnings"]) == 1
    assert " SRV " not in zone["text"]


def test_only_who_administers_names_a_resolver(app: Flask, root: DictCursor, domain: dict[str, Any]) -> None:
    path = f"/v1/domains/{domain['name']}/dns"
    key = with_key(app, root, READ, None)
    assert key.get(path, query_string={"resolver": "127.0.0.1#9"}).status_code == 403
    assert key.get(path).status_code == 200
