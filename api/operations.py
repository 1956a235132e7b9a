"""What is known of each operation of the API before it runs: who may use it, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import marshmallow as ma
from flask import Flask, current_app, request

from api.principal import Access

PROTECTED: Final = "/v1/"
"""What every path of the API begins with."""
NAME: Final = "turnpike-operations"


@dataclass(frozen=True)
class Upload:
    """A request's body that is a file and not JSON."""

    media_type: str
    largest: int
    """Bytes."""
    example: str

    def described(self) -> dict[str, Any]:
        """OpenAPI's `requestBody`."""
        return {
            "required": True,
            "content": {self.media_type: {"schema": {"type": "string"}, "example": self.example}},
        }


@dataclass(frozen=True)
class Once:
    """Fields of an answer that are told this once; `instead` says what to do when they are lost.

    It may name other fields of the answer, as in "POST /v1/credentials/{id}/rotate".
    """

    fields: tuple[str, ...]
    instead: str


@dataclass(frozen=True)
class Operation:
    """`access` None: for everybody. `basic`: it takes a name and a password (RFC 7617)."""

    access: Access | None
    status: int
    answer: type[ma.Schema] | None
    once: Once | None
    upload: Upload | None
    basic: bool = False

    def shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """`row` as the answer has it."""
        return dict(self.answer().dump(row)) if self.answer else dict(row)


def register(app: Flask, operations: Mapping[str, Operation]) -> None:
    """Make them known to `app`, by endpoint."""
    app.extensions.setdefault(NAME, {}).update(operations)


def operation_called(name: str) -> Operation:
    """The one that is called so: its resource and its handler, as in users.create_user. Errors: KeyError."""
    found: Operation = current_app.extensions[NAME][name]
    return found


def operation() -> Operation | None:
    """That of the request at hand; None where there is none."""
    found: Operation | None = current_app.extensions[NAME].get(request.endpoint)
    return found
