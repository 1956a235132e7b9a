"""The finished document: what it is, and what all operations share: headers, examples, links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

from api import __version__
from api.openapi.examples import example_of, resolved
from api.openapi.headers import HEADERS, PARAMETERS, success_headers
from api.openapi.links import METHODS, links_from
from api.openapi.parts import describe_part
from api.request_ids import HEADER as REQUEST_ID

TITLE: Final = "Turnpike"
DIALECT: Final = "https://spec.openapis.org/oas/3.1/dialect/base"
JSON: Final = "application/json"
ABOUT: Final = """\
Everything that an administrator does with the registration service goes through these requests. docs/api.md of the
service says what a description of fields cannot.

- Every request but `GET /v1/health` carries a key or a session: `Authorization: Bearer tp_…`.
- Times are UTC (RFC 3339). Fields that end in `_in` are seconds.
- A list answers `items` and `next`: for the next page, repeat the request with `after` set to what `next` holds.
  Filters go together: a row agrees with all of them.
- An answer has all the fields that are named here; a later version may add others.
- An error is `application/problem+json` (RFC 9457). 422 is what this document forbids; 409 is well formed, but does not
  fit what there is; 404 is a row that there is not. A method that a path does not know is 405, with `Allow`.
  A fault of the service itself is 500, with a problem too.
- A change is made when it is answered, and is in force in each region that `pending_regions` does not name.
"""
OPTIONS: Final[dict[str, Any]] = {
    "info": {
        "summary": "SIP registration for PBXs without a fixed address",
        "description": ABOUT,
        "contact": {"name": "The Turnpike authors"},
        "license": {"name": "MIT", "identifier": "MIT"},
    },
    "servers": [{"url": "/", "description": "The instance that this document comes from"}],
    "jsonSchemaDialect": DIALECT,
}
VERSION: Final = __version__
Document = dict[str, Any]


def finished(document: Document) -> Document:
    """`document` with what is the same for every operation."""
    components = document["components"]
    components["headers"] = HEADERS
    components["parameters"] = PARAMETERS
    for known in document["paths"].values():
        _describe_parts(known.setdefault("parameters", []))
    for path, method, operation in operations(document):
        _give_examples(operation, document)
        _describe_success(path, method, operation, document)
    return document


def operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    """Every operation with its path and method."""
    for path, known in document["paths"].items():
        yield from ((path, method, known[method]) for method in METHODS if method in known)


def _describe_parts(parameters: list[Document]) -> None:
    """Those of a path, for all of its operations."""
    for parameter in parameters:
        describe_part(parameter)
    parameters.append({"$ref": f"#/components/parameters/{REQUEST_ID}"})


def _give_examples(operation: Document, document: Document) -> None:
    bodies = [operation.get("requestBody", {}), *(operation["responses"].values())]
    for body in bodies:
        for media in body.get("content", {}).values():
            if "example" not in media:
                with suppress(KeyError):  # a field of it has none
                    media["example"] = example_of(media["schema"], document)


def _describe_success(path: str, method: str, operation: Document, document: Document) -> None:
    status, answer = next(each for each in operation["responses"].items() if each[0].startswith("2"))
    media_type, media = next(iter(answer["content"].items()))
    answer["headers"] = success_headers(path, method, operation, media_type)
    if media_type != JSON:
        answer["description"] = f"A file of type {media_type}"
        return
    schema = resolved(media["schema"], document)
    answer["description"] = schema["description"]
    if status == "201" or "items" in schema["properties"]:
        answer["links"] = links_from(path, schema["properties"], document)
