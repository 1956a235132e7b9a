"""Bad input gets a clear answer: application/problem+json (RFC 9457) that says what to do."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

CREDENTIALS = "/v1/credentials"


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    document: dict[str, Any] = answer.get_json()
    assert document["status"] == status
    assert document["type"]
    assert document["title"]
    assert len(document["detail"]) > 10
    return document


def test_unknown_field(client: FlaskClient) -> None:
    document = problem(client.post(CREDENTIALS, json={"label": "x", "colour": "red"}), 422)
    assert document["errors"] == [{"field": "colour", "detail": "this request has no such field"}]


def test_every_wrong_field_is_named(client: FlaskClient) -> None:
    document = problem(client.post(CREDENTIALS, json={"colour": "red", "enabled": "yes", "tenant": "a b"}), 422)
    assert {each["field"] for each in document["errors"]} == {"colour", "enabled", "tenant", "label"}


@pytest.mark.parametrize("label", ["", "   ", "x" * 201, "a\nb", "a\u0000b", "\ud800", 7, None, ["x"], {}])
def test_unusable_label(client: FlaskClient, label: object) -> None:
    document = problem(client.post(CREDENTIALS, json={"label": label}), 422)
    assert document["errors"][0]["field"] == "label"


def test_labels_of_all_scripts_are_kept(client: FlaskClient) -> None:
    label = 'Zürich 東京 ☎ 🏢 O\'Brien "x" %s \\'
    assert client.post(CREDENTIALS, json={"label": label}).get_json()["label"] == label


@pytest.mark.parametrize(
    "body", [b"{", b"\xff\xfe", b"not json", b"", b"[" * 60_000, b'{"label": ' + b"1" * 5000 + b"}", b"{} trailing"]
)
def test_body_that_is_no_json(client: FlaskClient, body: bytes) -> None:
    answer = client.post(CREDENTIALS, data=body, content_type="application/json")
    assert "send a JSON object" in problem(answer, 400)["detail"]


@pytest.mark.parametrize("body", ["[]", '"x"', "null", "7"])
def test_body_that_is_no_object(client: FlaskClient, body: str) -> None:
    problem(client.post(CREDENTIALS, data=body, content_type="application/json"), 422)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_wrong_content_type(client: FlaskClient, content_type: str | None) -> None:
    answer = client.post(CREDENTIALS, data=b'{"label": "x"}', content_type=content_type)
    assert "Content-Type: application/json" in problem(answer, 415)["detail"]


def test_wrong_content_type_where_no_body_is_needed(client: FlaskClient, credential: dict[str, Any]) -> None:
    problem(client.post(f"{CREDENTIALS}/{credential['id']}/rotate", data=b"x", content_type="text/plain"), 415)


def test_huge_body(client: FlaskClient) -> None:
    problem(client.post(CREDENTIALS, json={"label": "x" * 70_000}), 413)


def test_empty_change(client: FlaskClient, credential: dict[str, Any]) -> None:
    document = problem(client.patch(f"{CREDENTIALS}/{credential['id']}", json={}), 422)
    assert "label, tenant or enabled" in document["detail"]


def test_wrong_method(client: FlaskClient) -> None:
    answer = client.put(CREDENTIALS, json={})
    assert "PUT is not possible here" in problem(answer, 405)["detail"]
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("method", ["PUT", "TRACE", "DELETE"])
def test_wrong_method_is_told_before_all_else(client: FlaskClient, anonymous: FlaskClient, method: str) -> None:
    for sender in (client, anonymous):
        answer = sender.open(CREDENTIALS, method=method, data=b"x", content_type="text/plain")
        problem(answer, 405)
        assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1//credentials", "//v1/credentials", "/v1/credentials/", "/v1"])
def test_unknown_path(client: FlaskClient, path: str) -> None:
    assert "/openapi.json" in problem(client.get(path), 404)["detail"]


@pytest.mark.parametrize(
    "path",
    ["credentials/cr-none", "tenants/none", "bindings/none", "blocks/none", "user-agents/none", "keys/none"],
)
def test_unknown_row(client: FlaskClient, path: str) -> None:
    assert "GET /v1/" in problem(client.delete(f"/v1/{path}"), 404)["detail"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", "colour=red", "sort=label", "enabled=maybe"],
)
def test_wrong_query(client: FlaskClient, query: str) -> None:
    document = problem(client.get(f"{CREDENTIALS}?{query}"), 422)
    assert document["errors"][0]["field"] == query.split("=", maxsplit=1)[0]


@pytest.mark.parametrize("path", ["regions", "emergency-numbers", "health", "credentials/{id}", "tenants/none"])
def test_unknown_filter_where_there_is_none(client: FlaskClient, credential: dict[str, Any], path: str) -> None:
    document = problem(client.get(f"/v1/{path.format_map(credential)}?colour=red"), 422)
    assert document["errors"] == [{"field": "colour", "detail": "this request has no such field"}]


def test_unknown_filter_beside_a_body_changes_nothing(client: FlaskClient, credential: dict[str, Any]) -> None:
    path = f"{CREDENTIALS}/{credential['id']}"
    assert problem(client.patch(f"{path}?colour=red", json={"label": "y"}), 422)["errors"][0]["field"] == "colour"
    problem(client.delete(f"{path}?colour=red"), 422)
    assert client.get(path).get_json()["label"] == "a PBX"


@pytest.mark.parametrize(
    "path", ["events", "bindings", "blocks", "tenants", "numbers", "calls", "cdrs", "usage", "keys", "audit"]
)
def test_page_of_another_list(client: FlaskClient, path: str) -> None:
    document = problem(client.get(f"/v1/{path}?after=bm9uZQ"), 404)
    assert document["type"].endswith(":unknown-page")
    assert "leave it out" in document["detail"]


@pytest.mark.parametrize("after", ["x", "W10", "WyJ4IiwieCJd", "WyItY3JlYXRlZF9hdCIsMSwyXQ", "ü"])
def test_page_that_there_is_not(client: FlaskClient, after: str) -> None:
    assert problem(client.get(CREDENTIALS, query_string={"after": after}), 404)["type"].endswith(":unknown-page")


def test_page_of_another_sort(client: FlaskClient, credential: dict[str, Any]) -> None:
    client.post(CREDENTIALS, json={"label": "another than " + credential["id"]})
    after = client.get(f"{CREDENTIALS}?limit=1").get_json()["next"]
    assert client.get(f"{CREDENTIALS}?limit=1&sort=-created_at&after={after}").status_code == 200
    for sort in ("created_at", "username"):
        answer = client.get(f"{CREDENTIALS}?limit=1&sort={sort}&after={after}")
        assert problem(answer, 404)["type"].endswith(":unknown-page")


@pytest.mark.parametrize("path", ["tenants/é", "credentials/東京", "cdrs/é", "numbers/+1é"])
def test_nothing_is_called_by_a_name_in_another_script(client: FlaskClient, path: str) -> None:
    assert "are ASCII" in problem(client.get(f"/v1/{path}"), 404)["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "credentials?tenant=é",
        "credentials?username=☎",
        "events?rule=é",
        "bindings?region=é",
        "blocks?address=é",
        "audit?entity=é",
        "cdrs?number=é",
        "numbers?credential=a b",
    ],
)
def test_name_that_nothing_can_have(client: FlaskClient, path: str) -> None:
    assert "ASCII characters without spaces" in problem(client.get(f"/v1/{path}"), 422)["detail"]


@pytest.mark.parametrize(
    "since", ["2026-02-30", "2025-02-29", "2026-13-01", "20260131", "2026-W05", "2026-01-31T24:00Z", "0000-01-01", "x"]
)
def test_time_that_is_none(client: FlaskClient, since: str) -> None:
    assert problem(client.get(f"/v1/cdrs?since={since}"), 422)["errors"][0]["field"] == "since"


@pytest.mark.parametrize(
    "since",
    [
        "2024-02-29",
        "2000-02-29",
        "2026-01-31T12:00",
        "2026-01-31T12:00:00.123456%2B13:59",
        "0001-01-01T00:00%2B14:00",
        "9999-12-31T23:59-12:00",
    ],
)
def test_time_of_many_forms(client: FlaskClient, since: str) -> None:
    assert client.get(f"/v1/cdrs?since={since}&until={since}").status_code == 200


@pytest.mark.parametrize("value", ["1", "yes", "on", "True", "TRUE", ""])
def test_what_looks_like_true_is_not(client: FlaskClient, value: str) -> None:
    assert problem(client.get(f"/v1/cdrs?answered={value}"), 422)["errors"][0]["field"] == "answered"


def test_label_is_found_in_any_script(client: FlaskClient) -> None:
    made = client.post(CREDENTIALS, json={"label": "Filiale 大阪"}).get_json()
    assert [row["id"] for row in client.get(f"{CREDENTIALS}?label=大阪").get_json()["items"]] == [made["id"]]
