"""The OpenAPI document is made from the code and says what clients need."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.api.test_bad_input import problem

Document = dict[str, Any]


@pytest.fixture
def document(anonymous: FlaskClient) -> Document:
    found: Document = anonymous.get("/openapi.json").get_json()
    return found


def operations(document: Document) -> list[tuple[str, str, Document]]:
    methods = ("get", "post", "patch", "delete")
    return [(path, m, ops[m]) for path, ops in document["paths"].items() for m in methods if m in ops]


def test_document_holds_every_route(document: Document, app: Flask) -> None:
    assert document["openapi"] == "3.1.0"
    served = {
        (rule.rule.replace("<", "{").replace(">", "}"), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, method) for path, method, _ in operations(document)} == served
    assert len(served) > 20


def test_document_says_how_to_authenticate(document: Document) -> None:
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["paths"]["/v1/keys"]["post"]["security"] == [{"bearer": ["administer"]}]
    assert document["paths"]["/v1/cdrs"]["get"]["security"] == [{"bearer": ["read"]}]
    assert document["paths"]["/v1/health"]["get"]["security"] == []


def test_every_operation_documents_its_errors_and_what_it_does(document: Document) -> None:
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["operationId"], where
        assert "503" in operation["responses"], where
        if path != "/v1/health":
            assert "401" in operation["responses"], where
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= operation["responses"].keys(), where


def test_every_operation_id_is_used_once(document: Document) -> None:
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))


def test_errors_are_documented_as_problems(document: Document) -> None:
    responses = document["components"]["responses"]
    assert {"UNAUTHORIZED", "NOT_FOUND", "UNPROCESSABLE_ENTITY"} <= responses.keys()
    for response in responses.values():
        assert list(response["content"]) == ["application/problem+json"]


def test_references_lead_somewhere(document: Document) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
            return own + [each for value in node.values() for each in references(value)]
        return [each for value in node for each in references(value)] if isinstance(node, list) else []

    found = references(document)
    assert found
    for reference in found:
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_files_are_documented_as_CSV(document: Document) -> None:
    for path in ("/v1/cdrs.csv", "/v1/numbers.csv", "/v1/credentials.csv", "/v1/tenants.csv", "/v1/usage.csv"):
        (content,) = document["paths"][path]["get"]["responses"]["200"]["content"].items()
        assert content[0] == "text/csv"
        assert content[1]["schema"] == {"type": "string"}
        assert "," in content[1]["example"]
    for kind, begin in (("numbers", "number,"), ("credentials", "label,"), ("tenants", "account_id,")):
        for how in ("import", "import/check"):
            (content,) = document["paths"][f"/v1/{kind}/{how}"]["post"]["requestBody"]["content"].items()
            assert content[0] == "text/csv"
            assert content[1]["example"].startswith(begin)
    (content,) = document["paths"]["/v1/credentials/import"]["post"]["responses"]["201"]["content"].items()
    assert content[0] == "text/csv"
    assert "password" in content[1]["example"]


def test_filters_are_documented(document: Document) -> None:
    names = {each["name"] for each in document["paths"]["/v1/cdrs.csv"]["get"]["parameters"]}
    paged = {each["name"] for each in document["paths"]["/v1/cdrs"]["get"]["parameters"]}
    assert {"region", "caller", "answered", "since"} <= names
    assert paged - names == {"limit", "after", "sort"}


def test_example_of_a_new_credential_has_the_shape_of_a_real_one(
    document: Document, credential: dict[str, Any]
) -> None:
    media = document["paths"]["/v1/credentials"]["post"]["responses"]["201"]["content"]["application/json"]
    assert media["example"].keys() == credential.keys()


def test_fault_of_the_service_is_a_problem_without_details(app: Flask, client: FlaskClient) -> None:
    view = app.view_functions["regions.list_regions"]

    def broken() -> str:
        raise RuntimeError("secret detail")

    app.view_functions["regions.list_regions"] = broken
    try:
        answer = client.get("/v1/regions")
    finally:
        app.view_functions["regions.list_regions"] = view
    assert "fault of the service" in problem(answer, 500)["detail"]
    assert "secret detail" not in answer.text
