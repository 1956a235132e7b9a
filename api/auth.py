"""Who may use the API: keys, and sessions of people, as bearer tokens (RFC 6750)."""

from __future__ import annotations

from typing import Final

from flask import g, request
from pymysql.cursors import DictCursor
from werkzeug.exceptions import MethodNotAllowed

from api.keys.store import find_usable_key
from api.operations import PROTECTED, operation
from api.passwords import SESSION_MARK
from api.principal import ASKED_BY, Principal, address, sent_authorization
from api.problems import Refusal
from api.rates import Rates
from api.services import services
from api.sessions.store import find_session

HOW: Final = "send a key of this service in the header Authorization: Bearer tp_…"
NO_KEY: Final = f"This API key is unknown, expired or revoked: {HOW}."
ENDED: Final = "This session has ended: sign in again (POST /v1/sessions)."


def authorise() -> None:
    """Let the request at hand pass if its sender may send it, and not too often.

    Errors: Refusal (401 unless it carries a key or session that is in force; 403; 429), DatabaseUnavailableError.
    """
    known = operation()
    if not request.path.startswith(PROTECTED) or (known and known.access is None) or _is_asked_wrongly():
        return
    g.principal = request.environ.get(ASKED_BY) or _counted(services().rates)
    if known and known.access:
        g.principal.check(known.access)


def _counted(rates: Rates) -> Principal:
    found = _principal(rates)
    rates.count(found.id)
    return found


def _is_asked_wrongly() -> bool:
    """Which methods a path knows is no secret: the OpenAPI document is open to all."""
    return isinstance(request.routing_exception, MethodNotAllowed)


def _principal(rates: Rates) -> Principal:
    """Guesses are counted by where they come from, and do not stand in the way of a key from there."""
    credentials = sent_authorization()
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        rates.count_stranger(address())
        raise _unauthorized(f"This needs an API key: {HOW}.", "")
    with services().database.transaction() as cursor:
        token = credentials.token
        found = _session(cursor, token) if token.startswith(SESSION_MARK) else find_usable_key(cursor, token)
    if found is None:
        rates.count_stranger(address())
        raise _unauthorized(ENDED if token.startswith(SESSION_MARK) else NO_KEY, ', error="invalid_token"')
    return found


def _session(cursor: DictCursor, token: str) -> Principal | None:
    return find_session(cursor, token, services().sign_ins.idle)


def _unauthorized(detail: str, more: str) -> Refusal:
    return Refusal(401, "no-usable-key", detail, headers={"WWW-Authenticate": f'Bearer realm="api"{more}'})
