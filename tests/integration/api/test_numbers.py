"""Numbers, from outside."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from api.settings import Settings
from tests.integration.api.server import connected

Row = dict[str, Any]
_LAST = itertools.count(1)


@pytest.fixture
def unused() -> str:
    return f"+1415555{next(_LAST):04d}"


@pytest.fixture
def credential(client: FlaskClient) -> Row:
    made: Row = client.post("/v1/credentials", json={"label": "PBX"}).get_json()
    return made


@pytest.fixture
def tenant(client: FlaskClient) -> str:
    name = f"numbers-{next(_LAST)}"
    client.post("/v1/tenants", json={"account_id": name, "name": "Acme"})
    return name


@pytest.fixture
def create(client: FlaskClient) -> Callable[..., Row]:
    def made(number: str, **more: object) -> Row:
        answer = client.post("/v1/numbers", json={"number": number} | more)
        assert answer.status_code == 201, answer.text
        row: Row = answer.get_json()
        return row

    return made


def test_T1_a_number_has_an_optional_tenant_and_route(
    client: FlaskClient, create: Callable[..., Row], unused: str, credential: Row, tenant: str
) -> None:
    bare = create(unused)
    assert (bare["tenant"], bare["credential"], bare["username"]) == (None, None, None)
    wanted = {"tenant": tenant.upper(), "credential": credential["username"], "label": "Reception"}
    changed = client.patch(f"/v1/numbers/{unused}", json=wanted).get_json()
    assert (changed["tenant"], changed["username"]) == (tenant, credential["username"])
    assert client.get(f"/v1/numbers/{unused}").get_json()["label"] == "Reception"
    assert client.patch(f"/v1/numbers/{unused}", json={"credential": None}).get_json()["username"] is None


def test_a_number_claimed_twice_is_refused(client: FlaskClient, create: Callable[..., Row], unused: str) -> None:
    create(unused)
    again = client.post("/v1/numbers", json={"number": unused})
    assert again.status_code == 409
    assert f"GET /v1/numbers/{unused} shows whose it is" in again.get_json()["detail"]


@pytest.mark.parametrize(
    "number", ["4155550100", "+1 415 555 0100", "+0123456789", "+123456", "+1234567890123456", "", 7]
)
def test_T2_numbers_are_written_in_E164(client: FlaskClient, number: object) -> None:
    refused = client.post("/v1/numbers", json={"number": number})
    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "number"


@pytest.mark.parametrize(
    ("field", "value", "status"), [("tenant", "nobody", 409), ("credential", "cr-nobody", 409), ("colour", "red", 422)]
)
def test_unknown_users_and_fields_are_refused(
    client: FlaskClient, unused: str, field: str, value: str, status: int
) -> None:
    refused = client.post("/v1/numbers", json={"number": unused, field: value})
    assert refused.status_code == status
    assert refused.get_json()["detail"].startswith(f"{field}: ")
    assert client.get(f"/v1/numbers/{unused}").status_code == 404


def test_T3_a_credential_that_a_number_is_routed_to_stays(
    client: FlaskClient, create: Callable[..., Row], unused: str, credential: Row
) -> None:
    create(unused, credential=credential["id"], label="Reception")
    refused = client.delete(f"/v1/credentials/{credential['id']}")
    assert refused.status_code == 409
    assert refused.get_json()["used_by"] == [{"type": "number", "number": unused, "label": "Reception"}]
    client.delete(f"/v1/numbers/{unused}")
    assert client.delete(f"/v1/credentials/{credential['id']}").status_code == 200


def test_T3_a_tenant_that_a_number_names_stays(
    client: FlaskClient, create: Callable[..., Row], unused: str, tenant: str
) -> None:
    create(unused, tenant=tenant)
    refused = client.delete(f"/v1/tenants/{tenant}")
    assert refused.status_code == 409
    assert refused.get_json()["used_by"] == [{"type": "number", "number": unused, "label": None}]
    assert "in use by 1 number(s)" in refused.get_json()["detail"]
    client.patch(f"/v1/numbers/{unused}", json={"tenant": None})
    assert client.delete(f"/v1/tenants/{tenant}").status_code == 200


def test_lists_are_filtered_and_paged(
    client: FlaskClient, create: Callable[..., Row], credential: Row, tenant: str
) -> None:
    made = [f"+4420718387{n:02d}" for n in range(5)]
    for number in made:
        create(number, tenant=tenant, credential=credential["id"] if number.endswith("3") else None)
    seen: list[str] = []
    query: dict[str, object] = {"tenant": tenant, "limit": 2}
    while True:
        answer = client.get("/v1/numbers", query_string=query).get_json()
        seen += [row["number"] for row in answer["items"]]
        if answer["next"] is None:
            break
        query["after"] = answer["next"]
    assert seen == made
    routed = client.get("/v1/numbers", query_string={"tenant": tenant, "routed": "true"}).get_json()["items"]
    assert [row["number"] for row in routed] == ["+442071838703"]
    by_name = client.get("/v1/numbers", query_string={"credential": credential["username"]}).get_json()["items"]
    assert [row["number"] for row in by_name] == ["+442071838703"]
    for prefix in ("+44207183870", "44207183870"):
        found = client.get("/v1/numbers", query_string={"prefix": prefix}).get_json()["items"]
        assert [row["number"] for row in found] == made
    assert client.get("/v1/numbers", query_string={"prefix": "%"}).status_code == 422


def test_each_change_of_a_number_is_numbered(client: FlaskClient, create: Callable[..., Row], unused: str) -> None:
    first = create(unused)["change"]
    second = client.patch(f"/v1/numbers/{unused}", json={"label": "x"}).get_json()["change"]
    third = client.delete(f"/v1/numbers/{unused}").get_json()["change"]
    assert first < second < third


def test_a_route_waits_for_nobody_who_changes_another_credential(
    client: FlaskClient, settings: Settings, credential: Row
) -> None:
    other = client.post("/v1/credentials", json={"label": "another PBX"}).get_json()
    with connected(settings, "root", autocommit=False) as elsewhere:
        elsewhere.execute("UPDATE credential SET label = 'renamed' WHERE id = %s", (other["id"],))
        for number, name in (("+14155550181", "username"), ("+14155550182", "id")):
            made = client.post("/v1/numbers", json={"number": number, "credential": credential[name]})
            assert made.status_code == 201, made.text
        elsewhere.connection.rollback()
