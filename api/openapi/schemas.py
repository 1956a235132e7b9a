"""Marshmallow schemas as JSON Schema (draft 2020-12, as OpenAPI 3.1 has it)."""

from __future__ import annotations

import inspect
from typing import Any

import marshmallow as ma
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter

from api.fields import Answer, Body, Instant


class Converter(OpenAPIConverter):
    """Says besides what apispec says: docstrings, rules between fields, and that an answer has all of its fields."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.map_to_openapi_type(Instant, "string", "date-time")  # type: ignore[no-untyped-call]

    def schema2jsonschema(self, schema: ma.Schema | type[ma.Schema]) -> dict[str, Any]:
        """The JSON Schema of a whole schema."""
        found: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call]
        kind = schema if isinstance(schema, type) else type(schema)
        found["description"] = inspect.getdoc(kind) or ""
        if issubclass(kind, Answer):  # more fields may come with a later version
            found.pop("additionalProperties", None)
            found["required"] = sorted(found["properties"])
        if issubclass(kind, Body):
            found |= kind.rules
        return found

    def field2property(self, field: ma.fields.Field[Any]) -> dict[str, Any]:
        """The JSON Schema of one field. JSON Schema has `examples`: OpenAPI's own `example` is deprecated."""
        found: dict[str, Any] = super().field2property(field)
        if "example" in found:
            found["examples"] = [found.pop("example")]
        return found


class Plugin(MarshmallowPlugin):
    """apispec's plugin with our converter."""

    Converter = Converter
