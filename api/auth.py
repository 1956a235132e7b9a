"""Bearer keys (RFC 6750): who may use the API."""

from __future__ import annotations

from typing import Final

from flask import request

from api.keys.store import find_usable_key
from api.problems import Refusal
from api.services import services

PROTECTED: Final = "/v1/"
OPEN: Final = frozenset({"/v1/health"})
HOW: Final = "send a key of this service in the header Authorization: Bearer tp_…"


def require_key() -> None:
    """Refuse a request for the API (401) unless it carries a key that was issued and not revoked.

    Errors: Refusal, DatabaseUnavailableError.
    """
    if not request.path.startswith(PROTECTED) or request.path in OPEN:
        return
    credentials = request.authorization
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise _unauthorized(f"This needs an API key: {HOW}.", "")
    with services().database.transaction() as cursor:
        known = find_usable_key(cursor, credentials.token)
    if known is None:
        raise _unauthorized(f"This API key is unknown or revoked: {HOW}.", ', error="invalid_token"')


def _unauthorized(detail: str, more: str) -> Refusal:
    return Refusal(401, "no-usable-key", detail, headers={"WWW-Authenticate": f'Bearer realm="api"{more}'})
