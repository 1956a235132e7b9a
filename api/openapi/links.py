"""OpenAPI links: how an answer leads to other requests (from a list or a creation to what can be done with the row)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from api.openapi.examples import resolved

METHODS: Final = ("get", "post", "patch", "delete")
Document = Mapping[str, Any]


def links_from(path: str, properties: Mapping[str, Any], document: Document) -> dict[str, Any]:
    """The links of an answer of `path` that has `properties`: a row, or a page of rows."""
    if "items" in properties:
        row, place = resolved(properties["items"]["items"], document)["properties"], "#/items/0/"
    else:
        row, place = properties, "#/"
    found: dict[str, Any] = {}
    for part, operation in _below(path, document):
        field = next((name for name in (part, "id") if name in row), None)
        if field:
            found[operation["operationId"]] = {
                "operationId": operation["operationId"],
                "description": f"{operation['summary']} of this answer" if place == "#/" else "The first row",
                "parameters": {part: f"$response.body{place}{field}"},
            }
    return found


def _below(path: str, document: Document) -> Iterator[tuple[str, Document]]:
    """Each operation one part below `path`, with the name of that part."""
    for other, operations in document["paths"].items():
        part, _, _ = other.removeprefix(f"{path}/{{").partition("}")
        if other.startswith(f"{path}/{{"):
            yield from ((part, operations[method]) for method in METHODS if method in operations)
