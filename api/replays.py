"""The answer to a request that was carried out before, once more."""

from __future__ import annotations

from typing import Final

from flask import Flask, Response, jsonify

from api.idempotency import AskedBeforeError
from api.operations import operation
from api.services import services

HEADER: Final = "Idempotent-Replayed"


def install(app: Flask) -> None:
    """Answer them."""
    app.register_error_handler(AskedBeforeError, _again)


def _again(asked: AskedBeforeError) -> Response:
    """What it made, and how far that has come by now."""
    applied = services().applying.outcome(asked.change, asked.region) if asked.change is not None else {}
    known = operation()
    told = known.answer().fields if known and known.answer else {}
    response = jsonify(asked.answer | {name: value for name, value in applied.items() if name in told})
    response.status_code = asked.status
    response.headers[HEADER] = "true"
    return response
