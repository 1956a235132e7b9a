"""ETag and If-Match: nobody overwrites what they have not seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor
from werkzeug.test import TestResponse

from tests.integration.api.test_bad_input import problem

THINGS: list[tuple[str, dict[str, Any], str, dict[str, Any]]] = [
    ("tenants", {"account_id": "tagged", "name": "x"}, "account_id", {"name": "y"}),
    ("credentials", {"label": "tagged"}, "id", {"label": "y"}),
    ("numbers", {"number": "+14157640001"}, "number", {"label": "y"}),
    ("cores", {"region": "nw1", "address": "192.0.2.245"}, "id", {"label": "y"}),
    ("regions", {"name": "tagged", "address": "192.0.2.252"}, "name", {"label": "y"}),
    ("domains", {"name": "tagged.example", "name_servers": ["ns.example"]}, "name", {"label": "y"}),
]
THINGS_THAT_STAY: list[tuple[str, dict[str, Any], str]] = [
    ("user-agents", {"kind": "phone", "pattern": "Tagged *"}, "id"),
    ("emergency-numbers", {"digits": "7654"}, "digits"),
    ("keys", {"label": "tagged", "scope": "read"}, "id"),
]


@pytest.fixture(autouse=True)
def _regions_as_before(root: DictCursor) -> Iterator[None]:
    yield
    root.execute("DELETE FROM region WHERE name NOT IN ('nw1', 'se1')")


def make(client: FlaskClient, path: str, body: dict[str, Any], name: str) -> str:
    made = client.post(f"/v1/{path}", json=body)
    assert made.status_code == 201, made.text
    return f"/v1/{path}/{made.get_json()[name]}"


def change(client: FlaskClient, place: str, body: dict[str, Any], tag: str) -> TestResponse:
    return client.patch(place, json=body, headers={"If-Match": tag})


@pytest.mark.parametrize(("path", "body", "name", "wanted"), THINGS, ids=[thing[0] for thing in THINGS])
def test_who_has_not_seen_the_last_change_is_told(
    client: FlaskClient, path: str, body: dict[str, Any], name: str, wanted: dict[str, Any]
) -> None:
    place = make(client, path, body, name)
    seen = client.get(place).headers["ETag"]
    first = change(client, place, wanted, seen)
    assert first.status_code == 200
    assert first.headers["ETag"] == client.get(place).headers["ETag"] != seen
    late = change(client, place, wanted, seen)
    assert problem(late, 412)["type"].endswith("changed-meanwhile")
    assert late.headers["ETag"] == first.headers["ETag"]
    assert problem(client.delete(place, headers={"If-Match": seen}), 412)
    assert change(client, place, wanted, "*").status_code == 200
    assert change(client, place, wanted, f'"other", {client.get(place).headers["ETag"]}').status_code == 200
    assert client.delete(place, headers={"If-Match": client.get(place).headers["ETag"]}).status_code == 200
    again = make(client, path, body, name)
    assert client.get(again).headers["ETag"] != seen, "what was made anew is something else"
    client.delete(again)


@pytest.mark.parametrize(("path", "body", "name"), THINGS_THAT_STAY, ids=[thing[0] for thing in THINGS_THAT_STAY])
def test_what_cannot_change_is_deleted_by_its_tag(
    client: FlaskClient, path: str, body: dict[str, Any], name: str
) -> None:
    place = make(client, path, body, name)
    tag = client.get(place).headers["ETag"]
    assert client.delete(place, headers={"If-Match": '"other"'}).status_code == 412
    assert client.get(place).status_code == 200
    assert client.delete(place, headers={"If-Match": tag}).status_code == 200


def test_a_weak_tag_never_fits(client: FlaskClient, credential: dict[str, Any]) -> None:
    """RFC 9110 section 13.1.1: If-Match compares strongly."""
    place = f"/v1/credentials/{credential['id']}"
    weak = f"W/{client.get(place).headers['ETag']}"
    assert change(client, place, {"label": "y"}, weak).status_code == 412


def test_rotating_is_a_change(client: FlaskClient, credential: dict[str, Any]) -> None:
    place = f"/v1/credentials/{credential['id']}"
    seen = client.get(place).headers["ETag"]
    client.post(f"{place}/rotate", json={})
    assert change(client, place, {"label": "y"}, seen).status_code == 412


def test_a_new_password_can_be_asked_for_what_was_read(client: FlaskClient, credential: dict[str, Any]) -> None:
    user = make(client, "users", {"name": "tagged", "role": "read"}, "id")
    for path in (f"/v1/credentials/{credential['id']}/rotate", f"{user}/password"):
        assert client.post(path, json={}, headers={"If-Match": '"other"'}).status_code == 412
    documented = client.get("/openapi.json").get_json()["paths"]
    for path in ("/v1/credentials/{credential_id}/rotate", "/v1/users/{user_id}/password"):
        operation = documented[path]["post"]
        assert "412" in operation["responses"]
        assert [each["name"] for each in operation["parameters"]].count("If-Match") == 1
    assert "412" not in documented["/v1/users"]["post"]["responses"]


@pytest.mark.parametrize("wrong", ["", ",", "abc", '"', "null"])
def test_an_If_Match_that_names_no_row_is_not_left_out(
    client: FlaskClient, credential: dict[str, Any], wrong: str
) -> None:
    path = f"/v1/credentials/{credential['id']}"
    problem(client.patch(path, json={"label": "changed"}, headers={"If-Match": wrong}), 412)
    assert client.get(path).get_json()["label"] == "a PBX"
