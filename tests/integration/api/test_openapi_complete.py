"""The OpenAPI document leaves nothing out: descriptions, examples that fit, statuses, headers, links."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from api.openapi.examples import resolved
from api.openapi.refusals import REFUSALS
from api.principal import SCOPES
from tests.integration.api.test_openapi import Document, operations

ROOT = Path(__file__).parents[3]
OPAQUE = "after"
"""No page is there for an example of it."""


@pytest.fixture
def document(anonymous: FlaskClient) -> Document:
    found: Document = anonymous.get("/openapi.json").get_json()
    return found


def parameters(document: Document, path: str, operation: Document) -> list[Document]:
    own = [*operation.get("parameters", []), *document["paths"][path].get("parameters", [])]
    return [resolved(each, document) for each in own]


def responses(document: Document, operation: Document) -> dict[str, Document]:
    return {status: resolved(each, document) for status, each in operation["responses"].items()}


def media(document: Document) -> Iterator[tuple[str, Document]]:
    """Every body of a request or an answer."""
    for path, method, operation in operations(document):
        bodies = {"request": operation.get("requestBody", {}), **responses(document, operation)}
        for name, body in bodies.items():
            for kind, each in body.get("content", {}).items():
                yield f"{method} {path} {name} {kind}", each


def test_it_is_valid_OpenAPI(document: Document) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["jsonSchemaDialect"] == "https://spec.openapis.org/oas/3.1/dialect/base"
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_it_says_what_it_is(document: Document) -> None:
    info = document["info"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert info["version"] == project["version"]
    assert info["license"]["identifier"] == "MIT"
    assert info["contact"]["name"]
    assert len(info["description"]) > 500
    assert [server["url"] for server in document["servers"]] == ["/"]


def test_every_operation_says_what_it_does_and_needs(document: Document) -> None:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        assert len(operation["description"]) > 10, where
        assert all(tags[tag] for tag in operation["tags"]), where
        assert operation["tags"], where
        if operation["security"]:
            ((name, scopes),) = operation["security"][0].items()
            assert name in document["components"]["securitySchemes"], where
            assert scopes == [] if name == "basic" else scopes[0] in SCOPES, where


def test_every_parameter_is_described_and_has_an_example(document: Document) -> None:
    for path, method, operation in operations(document):
        for parameter in parameters(document, path, operation):
            where = f"{method} {path} {parameter['name']}"
            assert parameter["description"], where
            assert "example" in parameter or "examples" in parameter["schema"] or parameter["name"] == OPAQUE, where


def test_every_field_is_described_or_has_an_example(document: Document) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        for field, each in schema["properties"].items():
            said = each.get("description") or "examples" in each or "$ref" in each or "$ref" in each.get("items", {})
            assert said, f"{name}.{field}"


def test_every_body_has_an_example_that_fits(document: Document) -> None:
    for where, each in media(document):
        assert "example" in each, where
        schema = each["schema"] | {"components": document["components"]}
        assert [error.message for error in OAS31Validator(schema).iter_errors(each["example"])] == [], where


def test_examples_of_fields_fit(document: Document) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, each in schema["properties"].items():
            for example in each.get("examples", []):
                assert OAS31Validator(each).is_valid(example), f"{name}.{field}: {example}"


def test_every_refusal_is_a_problem_with_an_example(document: Document) -> None:
    for path, method, operation in operations(document):
        for status, answer in responses(document, operation).items():
            if int(status) < 400:
                continue
            where = f"{method} {path} {status}"
            (kind,) = answer["content"]
            assert kind == "application/problem+json", where
            assert answer["content"][kind]["example"]["status"] == int(status), where
            assert {"X-Request-ID", *REFUSALS[int(status)].headers} == answer["headers"].keys(), where


def test_headers_are_where_they_are_told(document: Document) -> None:
    components = document["components"]["responses"]
    assert "WWW-Authenticate" in components["UNAUTHORIZED"]["headers"]
    assert "Retry-After" in components["TOO_MANY_REQUESTS"]["headers"]
    assert "Retry-After" in components["SERVICE_UNAVAILABLE"]["headers"]
    assert "Allow" in components["METHOD_NOT_ALLOWED"]["headers"]
    for path, method, operation in operations(document):
        (success,) = [each for status, each in responses(document, operation).items() if status.startswith("2")]
        assert "X-Request-ID" in success["headers"], (method, path)
        repeatable = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
        assert ("Idempotent-Replayed" in success["headers"]) == repeatable, (method, path)


def test_rows_that_can_be_changed_have_an_ETag(document: Document, client: FlaskClient) -> None:
    made = client.post("/v1/tenants", json={"account_id": "tagged-document", "name": "tagged"})
    assert made.headers["ETag"]
    for path, method in (
        ("/v1/tenants", "post"),
        ("/v1/tenants/{account_id}", "get"),
        ("/v1/cores/{core_id}", "patch"),
    ):
        (answer,) = [each for status, each in document["paths"][path][method]["responses"].items() if status[0] == "2"]
        assert "ETag" in answer["headers"]
    assert "ETag" not in document["paths"]["/v1/tenants"]["get"]["responses"]["200"]["headers"]
    assert "ETag" not in client.get("/v1/tenants").headers


def test_every_list_says_its_order(document: Document) -> None:
    words = ("first", "in order", "by ", "order")
    for path, method, operation in operations(document):
        answer = operation["responses"].get("200", {})
        schema = resolved(answer.get("content", {}).get("application/json", {}).get("schema", {}), document)
        if method == "get" and "items" in schema.get("properties", {}):
            assert any(word in answer["description"] for word in words), f"{path}: {answer['description']}"


def test_rules_between_fields_are_told(document: Document) -> None:
    schemas = document["components"]["schemas"]
    valid = {name: OAS31Validator(schema) for name, schema in schemas.items()}
    assert not valid["CredentialChange"].is_valid({})
    assert not valid["CredentialChange"].is_valid({"end_calls": True, "label": "x"})
    assert valid["CredentialChange"].is_valid({"end_calls": True, "enabled": False})
    assert not valid["NewKey"].is_valid({"label": "x", "tenant": "acme-42"})
    assert valid["NewKey"].is_valid({"label": "x", "tenant": "acme-42", "scope": "read"})
    assert not valid["TenantChange"].is_valid({})


def test_a_creation_leads_to_what_can_be_done_with_the_row(document: Document) -> None:
    links = document["paths"]["/v1/credentials"]["post"]["responses"]["201"]["links"]
    assert {"get_credential", "change_credential", "rotate_credential", "delete_credential"} <= links.keys()
    assert links["get_credential"]["parameters"] == {"credential_id": "$response.body#/id"}
    listed = document["paths"]["/v1/blocks"]["get"]["responses"]["200"]["links"]
    assert listed["lift_block"]["parameters"] == {"block_id": "$response.body#/items/0/id"}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "operationId" and isinstance(value, str))
        for value in node.values():
            yield from references(value)


def test_links_lead_somewhere(document: Document) -> None:
    known = {operation["operationId"] for _, _, operation in operations(document)}
    assert set(references(document["paths"])) == known
