"""Core gateways and emergency numbers, from outside."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from flask.testing import FlaskClient

_LAST = itertools.count(1)


@pytest.fixture
def core(client: FlaskClient) -> dict[str, Any]:
    body = {"region": "nw1", "address": f"192.0.2.{next(_LAST)}", "label": "Softswitch"}
    answer = client.post("/v1/cores", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def test_O6_a_core_belongs_to_a_region(client: FlaskClient, core: dict[str, Any]) -> None:
    assert (core["port"], core["enabled"]) == (5060, True)
    assert client.get(f"/v1/cores/{core['id']}").get_json()["address"] == core["address"]
    ids = {region: [row["id"] for row in _listed(client, region)] for region in ("nw1", "se1")}
    assert core["id"] in ids["nw1"]
    assert core["id"] not in ids["se1"]


def _listed(client: FlaskClient, region: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.get("/v1/cores", query_string={"region": region}).get_json()["items"]
    return rows


def test_a_core_is_disabled_and_removed(client: FlaskClient, core: dict[str, Any]) -> None:
    changed = client.patch(f"/v1/cores/{core['id']}", json={"enabled": False, "label": None}).get_json()
    assert (changed["enabled"], changed["label"]) == (False, None)
    assert client.delete(f"/v1/cores/{core['id']}").get_json()["change"] > changed["change"]
    assert client.get(f"/v1/cores/{core['id']}").status_code == 404
    assert client.patch(f"/v1/cores/{core['id']}", json={"enabled": True}).status_code == 404


def test_a_core_twice_in_a_region_is_refused_and_in_another_is_not(client: FlaskClient, core: dict[str, Any]) -> None:
    again = client.post("/v1/cores", json={"region": "nw1", "address": core["address"]})
    assert again.status_code == 409
    assert f"{core['address']}:5060 already" in again.get_json()["detail"]
    assert client.post("/v1/cores", json={"region": "se1", "address": core["address"]}).status_code == 201
    assert client.post("/v1/cores", json={"region": "nw1", "address": core["address"], "port": 5070}).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "atlantis"),
        ("address", "core.example"),
        ("address", "2001:db8::1"),
        ("address", "0.0.0.0"),  # noqa: S104
        ("address", "0.1.2.3"),
        ("address", "224.0.0.1"),
        ("address", "240.0.0.1"),
        ("port", 0),
        ("port", 65536),
        ("port", "5060"),
        ("colour", "red"),
    ],
)
def test_what_is_no_core_is_refused(client: FlaskClient, field: str, value: object) -> None:
    refused = client.post("/v1/cores", json={"region": "nw1", "address": "192.0.2.250"} | {field: value})
    assert refused.status_code == (409 if value == "atlantis" else 422)
    assert refused.get_json()["detail"].startswith(f"{field}: ")


def test_O4_the_emergency_list_ships_and_is_edited(client: FlaskClient) -> None:
    shipped = {row["digits"] for row in client.get("/v1/emergency-numbers").get_json()["items"]}
    assert {"911", "933", "112"} <= shipped
    assert client.post("/v1/emergency-numbers", json={"digits": "999", "note": "in the UK"}).status_code == 201
    assert client.post("/v1/emergency-numbers", json={"digits": "999"}).status_code == 409
    assert client.delete("/v1/emergency-numbers/999").get_json()["digits"] == "999"
    assert client.delete("/v1/emergency-numbers/999").status_code == 404


@pytest.mark.parametrize("digits", ["1", "12345", "+911", "9 1", "", "٩١١", 911, None])
def test_O4_emergency_numbers_have_two_to_four_digits(client: FlaskClient, digits: object) -> None:
    assert client.post("/v1/emergency-numbers", json={"digits": digits}).status_code == 422
