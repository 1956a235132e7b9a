"""Kinds of PBX and the settings of a credential's PBX over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.pbxs.kinds import KINDS
from api.pbxs.trunk import PLACEHOLDER
from tests.integration.api.worlds import with_key

Row = dict[str, Any]


@pytest.fixture
def domains(root: DictCursor) -> Iterator[None]:
    """Two, of which `alias.example` is the first by name."""
    columns = "name, label, name_servers, hostmaster, ttl"
    values = "'Ops & <Co>\"; x\n[y]', '[]', 'hostmaster@example.net', 300"
    for name in ("example.net", "alias.example"):
        root.execute(f"INSERT INTO domain ({columns}) VALUES (%s, {values})", (name,))  # noqa: S608
    yield
    root.execute("DELETE FROM domain")


@pytest.fixture
def states(root: DictCursor) -> Iterator[DictCursor]:
    """Regions may be given other states: they are in service again afterwards."""
    yield root
    root.execute("UPDATE region SET state = 'in-service'")


def settings(client: FlaskClient, credential: Row, **query: str) -> Row:
    answer = client.get(f"/v1/credentials/{credential['id']}/settings", query_string=query)
    assert answer.status_code == 200, answer.text
    found: Row = answer.get_json()
    return found


def text_of(found: Row) -> str:
    return "".join(file["text"] for file in found["files"])


def test_all_kinds_are_listed(client: FlaskClient) -> None:
    items = client.get("/v1/pbxs").get_json()["items"]
    assert [item["key"] for item in items] == list(KINDS)
    freepbx = next(item for item in items if item["key"] == "freepbx")
    assert (freepbx["ready"], freepbx["several"], freepbx["files"]) == (False, True, ["freepbx.txt"])
    assert {"topic": "password", "label": "Secret"}.items() <= freepbx["fields"][1].items()


def test_D2_a_domain_may_be_as_long_as_domains_may(client: FlaskClient, root: DictCursor, credential: Row) -> None:
    name = f"{'a' * 60}.{'b' * 60}.example.net"
    assert client.post("/v1/domains", json={"name": name, "name_servers": ["ns1.example.net"]}).status_code == 201
    assert settings(client, credential, pbx="plain", domain=name)["domain"] == name
    wanted = {"pbx": "plain", "domain": name}
    assert client.post(f"/v1/credentials/{credential['id']}/rotate", json=wanted).status_code == 200
    root.execute("DELETE FROM domain")


@pytest.mark.parametrize("pbx", KINDS)
@pytest.mark.usefixtures("domains")
def test_C2_settings_that_are_asked_for_later_have_no_password(client: FlaskClient, credential: Row, pbx: str) -> None:
    found = settings(client, credential, pbx=pbx, domain="example.net")
    assert (found["pbx"], found["domain"], found["regions"]) == (pbx, "example.net", ["nw1", "se1"])
    text = text_of(found)
    assert PLACEHOLDER in text
    assert credential["username"] in text
    assert credential["password"] not in text
    assert "reg.example.net" in text
    assert "Ops" not in text
    assert credential["label"] not in text


@pytest.mark.usefixtures("domains")
def test_D2_unless_told_the_domain_is_the_first_by_name(client: FlaskClient, credential: Row) -> None:
    assert settings(client, credential, pbx="plain")["domain"] == "alias.example"
    assert settings(client, credential, pbx="plain", domain="EXAMPLE.NET")["domain"] == "example.net"


def test_D1_without_a_domain_settings_have_addresses(client: FlaskClient, credential: Row) -> None:
    found = settings(client, credential, pbx="freeswitch")
    assert found["domain"] is None
    assert "127.0.11.1:5060" in text_of(found)
    assert "127.0.11.2:5060" in text_of(found)


@pytest.mark.parametrize("pbx", KINDS)
def test_C2_the_answer_that_makes_a_password_has_settings_with_it(client: FlaskClient, pbx: str) -> None:
    made = client.post("/v1/credentials", json={"label": "a PBX", "pbx": pbx})
    assert made.status_code == 201
    row = made.get_json()
    assert row["password"] in text_of(row["settings"])
    rotated = client.post(f"/v1/credentials/{row['id']}/rotate", json={"pbx": pbx, "grace_seconds": 60}).get_json()
    assert rotated["password"] in text_of(rotated["settings"])
    for text in (text_of(row["settings"]), text_of(rotated["settings"])):
        assert PLACEHOLDER not in text
        assert row["username"] in text


def test_C2_one_answer_has_the_settings_of_every_kind(client: FlaskClient) -> None:
    made = client.post("/v1/credentials", json={"label": "a PBX", "pbx": "all"}).get_json()
    told = made["settings"]
    assert told["pbx"] == "all"
    assert list(dict.fromkeys(file["pbx"] for file in told["files"])) == list(KINDS)
    marked = settings(client, made, pbx="all")["files"]
    for kind in KINDS:
        alone = client.post(f"/v1/credentials/{made['id']}/rotate", json={"pbx": kind}).get_json()
        files = [file for file in told["files"] if file["pbx"] == kind]
        assert [written(file, made["password"]) for file in files] == [
            written(file, alone["password"]) for file in alone["settings"]["files"]
        ]
        assert [file for file in marked if file["pbx"] == kind] == settings(client, made, pbx=kind)["files"]
    assert made["password"] not in json.dumps(marked)


def written(file: Row, password: str) -> Row:
    """`file` with a mark in place of a password that it may hold."""
    return file | {"text": file["text"].replace(password, "*")}


def test_the_hard_limits_are_those_of_the_instance(client: FlaskClient) -> None:
    assert client.get("/v1/limits").get_json() == {
        "interval": 100,
        "granted": 300,
        "call_interval": 1,
        "channels": 100,
        "emergency_channels": 10,
        "test_limits": False,
    }


def test_C1_settings_are_null_unless_a_pbx_is_named(client: FlaskClient, credential: Row) -> None:
    assert credential["settings"] is None
    assert client.post(f"/v1/credentials/{credential['id']}/rotate", json={}).get_json()["settings"] is None


def test_D2_a_draining_region_is_left_out(client: FlaskClient, credential: Row, states: DictCursor) -> None:
    states.execute("UPDATE region SET state = 'draining' WHERE name = 'nw1'")
    found = settings(client, credential, pbx="asterisk")
    assert found["regions"] == ["se1"]
    assert "nw1" not in text_of(found)


@pytest.mark.parametrize("pbx", KINDS)
def test_D2_without_a_region_in_service_nothing_is_made(
    client: FlaskClient, credential: Row, states: DictCursor, pbx: str
) -> None:
    states.execute("UPDATE region SET state = 'out'")
    states.execute("SELECT COUNT(*) AS n FROM credential")
    before = states.fetchone()
    answers = [
        client.get(f"/v1/credentials/{credential['id']}/settings?pbx={pbx}"),
        client.post("/v1/credentials", json={"label": "a PBX", "pbx": pbx}),
        client.post(f"/v1/credentials/{credential['id']}/rotate", json={"pbx": pbx}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.get_json()["type"][-20:]) == (409, "no-region-in-service")
    states.execute("SELECT COUNT(*) AS n FROM credential")
    assert states.fetchone() == before
    shown = client.get(f"/v1/credentials/{credential['id']}").get_json()
    assert shown["rotated_at"] is None


def test_an_unknown_domain_does_not_fit(client: FlaskClient, credential: Row) -> None:
    answers = [
        client.get(f"/v1/credentials/{credential['id']}/settings?pbx=plain&domain=nowhere.example"),
        client.post("/v1/credentials", json={"label": "a PBX", "pbx": "plain", "domain": "nowhere.example"}),
        client.post(f"/v1/credentials/{credential['id']}/rotate", json={"pbx": "plain", "domain": "nowhere.example"}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.get_json()["type"][-14:]) == (409, "unknown-domain")


def test_requests_that_fit_nothing_are_refused(client: FlaskClient, credential: Row) -> None:
    path = f"/v1/credentials/{credential['id']}/settings"
    for query in ("", "?pbx=elastix", "?pbx=plain&domain=", "?pbx=plain&domain=a%20b", "?pbx=plain&password=x"):
        assert client.get(path + query).status_code == 422, query
    for body in ({"pbx": "elastix"}, {"domain": "example.net"}, {"pbx": None, "domain": "example.net"}, {"pbx": 1}):
        assert client.post("/v1/credentials", json={"label": "a PBX", **body}).status_code == 422, body
        assert client.post(f"/v1/credentials/{credential['id']}/rotate", json=body).status_code == 422, body
    assert client.get("/v1/credentials/none/settings?pbx=plain").status_code == 404


@pytest.mark.parametrize("action", ["create", "rotate"])
def test_C2_a_copy_of_the_request_is_not_told_settings(
    client: FlaskClient, root: DictCursor, credential: Row, action: str
) -> None:
    path = "/v1/credentials" if action == "create" else f"/v1/credentials/{credential['id']}/rotate"
    body = {"pbx": "kamailio"} | ({"label": "a PBX"} if action == "create" else {})
    headers = {"Idempotency-Key": f"settings-{action}"}
    first = client.post(path, json=body, headers=headers)
    again = client.post(path, json=body, headers=headers)
    password = first.get_json()["password"]
    assert password in text_of(first.get_json()["settings"])
    assert again.status_code == 409
    assert again.get_json()["made"]["username"] == first.get_json()["username"]
    assert "settings" not in again.get_json()["made"]
    assert password not in again.text
    for table in ("idempotent_request", "audit"):
        root.execute(f"SELECT * FROM {table}")  # noqa: S608
        assert password not in json.dumps(list(root.fetchall()), default=str)


def test_a_tenant_has_settings_of_its_own_credentials_alone(app: Flask, client: FlaskClient, root: DictCursor) -> None:
    client.post("/v1/tenants", json={"account_id": "settled", "name": "settled"})
    own, other = (
        client.post("/v1/credentials", json={"label": "a PBX", "tenant": tenant}).get_json()
        for tenant in ("settled", None)
    )
    key = with_key(app, root, "operate", "settled")
    assert settings(key, own, pbx="3cx")["pbx"] == "3cx"
    assert key.get(f"/v1/credentials/{other['id']}/settings?pbx=3cx").status_code == 404
    assert key.post(f"/v1/credentials/{other['id']}/rotate", json={"pbx": "3cx"}).status_code == 404
    made = key.post("/v1/credentials", json={"label": "a PBX", "pbx": "3cx"}).get_json()
    assert made["tenant"] == "settled"
    assert made["password"] in text_of(made["settings"])
