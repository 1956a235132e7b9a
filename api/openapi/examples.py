"""Examples of whole bodies, put together from those of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

MOMENT: Final = "2026-01-31T12:00:00.000Z"
Schema = Mapping[str, Any]


def example_of(schema: Schema, document: Schema) -> Any:
    """An example of `schema`. Errors: KeyError when a field has none."""
    if "$ref" in schema:
        return example_of(resolved(schema, document), document)
    if "examples" in schema:
        return schema["examples"][0]
    if schema.get("format") == "date-time":
        return MOMENT
    if "properties" in schema:
        return {name: example_of(each, document) for name, each in schema["properties"].items()}
    return [example_of(schema["items"], document)]


def resolved(node: Schema, document: Schema) -> Any:
    """What a reference within the document leads to; `node` itself when it is none."""
    if "$ref" not in node:
        return node
    found: Any = document
    for part in str(node["$ref"]).removeprefix("#/").split("/"):
        found = found[part]
    return found
