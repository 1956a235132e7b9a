"""Tenants, from outside."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


def create(client: FlaskClient, account_id: str, **more: str) -> int:
    return client.post("/v1/tenants", json={"account_id": account_id, "name": "Acme"} | more).status_code


@pytest.mark.parametrize("account_id", ["acme-1", "42", "a.b.c", "-", "X" * 64])
def test_T1_account_id_has_letters_digits_dots_hyphens(client: FlaskClient, account_id: str) -> None:
    assert create(client, account_id, contact="noc@acme.example") == 201
    tenant = client.get(f"/v1/tenants/{account_id}").get_json()
    assert (tenant["account_id"], tenant["name"], tenant["contact"]) == (account_id, "Acme", "noc@acme.example")


@pytest.mark.parametrize("account_id", ["", "a b", " a", "a_b", "é", "a/b", "..", "X" * 65, "a\n", 7, None, ["a"]])
def test_T1_other_account_ids_are_refused(client: FlaskClient, account_id: object) -> None:
    answer = client.post("/v1/tenants", json={"account_id": account_id, "name": "Acme"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "account_id"


def test_T1_account_id_with_spaces_says_the_rule(client: FlaskClient) -> None:
    answer = client.post("/v1/tenants", json={"account_id": "acme one", "name": "Acme"})
    assert "no spaces (rule T1)" in answer.get_json()["detail"]


def test_T1_account_id_is_unique_whatever_its_case(client: FlaskClient) -> None:
    assert create(client, "twice") == 201
    assert create(client, "TWICE") == 409


def test_tenant_is_renamed_and_its_account_id_stays(client: FlaskClient) -> None:
    create(client, "renamed")
    assert client.patch("/v1/tenants/renamed", json={"name": "New", "contact": None}).get_json()["name"] == "New"
    refused = client.patch("/v1/tenants/renamed", json={"account_id": "other"})
    assert refused.status_code == 422
    assert "cannot be changed" in refused.get_json()["detail"]


def test_T3_tenant_in_use_is_not_deleted_and_its_users_are_named(client: FlaskClient) -> None:
    create(client, "used")
    credential = client.post("/v1/credentials", json={"label": "uses it", "tenant": "USED"}).get_json()
    refused = client.delete("/v1/tenants/used")
    assert refused.status_code == 409
    expected = {"type": "credential", "id": credential["id"], "username": credential["username"], "label": "uses it"}
    assert refused.get_json()["used_by"] == [expected]
    client.patch(f"/v1/credentials/{credential['id']}", json={"tenant": None})
    assert client.delete("/v1/tenants/used").status_code == 200
    assert client.get("/v1/tenants/used").status_code == 404


def test_unknown_tenant_is_refused_by_name(client: FlaskClient) -> None:
    answer = client.post("/v1/credentials", json={"label": "x", "tenant": "nobody"})
    assert answer.status_code == 409
    assert "there is no tenant nobody: create it first" in answer.get_json()["detail"]


def test_list_pages_show_every_tenant_once(client: FlaskClient) -> None:
    made = [f"page-{n}" for n in range(5)]
    for account_id in made:
        create(client, account_id)
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = client.get("/v1/tenants", query_string={"limit": 2} | after).get_json()
        seen += [row["account_id"] for row in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert [each for each in seen if each in made] == made
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("part", ["SOUGHT", "ught-1", "found me", "100% f"])
def test_tenants_are_found_by_a_part_of_account_id_or_name(client: FlaskClient, part: str) -> None:
    client.post("/v1/tenants", json={"account_id": "sought-1", "name": "100% Found Me"})
    create(client, "other-1")
    found = client.get("/v1/tenants", query_string={"search": part}).get_json()["items"]
    assert [row["account_id"] for row in found] == ["sought-1"]


@pytest.mark.parametrize("part", ["%", "_", "no such é", "!"])
def test_a_search_for_tenants_takes_every_letter_as_it_is(client: FlaskClient, part: str) -> None:
    create(client, "plain-1")
    found = client.get("/v1/tenants", query_string={"search": part}).get_json()["items"]
    assert all(part in row["name"] for row in found)


def test_a_tenant_tells_how_many_credentials_and_numbers_it_has(client: FlaskClient) -> None:
    create(client, "counted")
    client.post("/v1/credentials", json={"label": "its", "tenant": "counted"})
    for number in ("+14155557001", "+14155557002"):
        client.post("/v1/numbers", json={"number": number, "tenant": "counted"})
    tenant = client.get("/v1/tenants/COUNTED").get_json()
    assert (tenant["credentials"], tenant["numbers"]) == (1, 2)
