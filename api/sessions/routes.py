"""Signing in and out over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from api.principal import Scope, address, current, sent_authorization
from api.problems import Refusal
from api.rest import Resource
from api.services import services
from api.sessions.schema import (
    SESSION,
    SIGNED_IN,
    WHO,
    SessionList,
    SessionsEnded,
    SignedIn,
    SigningIn,
    WhoSchema,
)
from api.sessions.service import CHALLENGE
from api.sessions.store import end_session, end_sessions, read_sessions
from api.users.routes import known, lock
from api.users.store import read_user
from api.work import work

sessions = Resource("sessions", "/v1/sessions", "Signing in and out, and who one is")
users_sessions = Resource("users_sessions", "/v1/users/<user_id>/sessions", "Where a person is signed in")


@sessions.operation("POST", body=SigningIn, answer=SignedIn, status=201, example=SIGNED_IN, basic=True)
def sign_in(_: dict[str, Any]) -> dict[str, Any]:
    """Sign in with name and password; the answer holds the session's token, this once"""
    sent = sent_authorization()
    if sent is None or sent.type != "basic" or sent.username is None or not sent.password:
        services().rates.count_stranger(address())
        detail = "Send a user's name and password in the header Authorization: Basic (RFC 7617)."
        raise Refusal(401, "no-password", detail, headers={"WWW-Authenticate": CHALLENGE})
    return services().sign_ins.sign_in(sent.username, sent.password, address())


@sessions.operation("GET", "/current", answer=WhoSchema, example=WHO, tenants=True)
def get_current_session() -> dict[str, Any]:
    """Who am I: the key or the person that sends this, and what that may do"""
    return asdict(current())


@sessions.operation(
    "DELETE", "/current", answer=WhoSchema, problems=(409,), example=WHO, needs=Scope.READ, tenants=True
)
def sign_out() -> dict[str, Any]:
    """Sign out: end the session that sends this"""
    who = current()
    if who.session is None:
        detail = f"This is a key and no session: DELETE /v1/keys/{who.id} revokes it."
        raise Refusal(409, "no-session", detail)
    with work() as unit:
        unit.expect(asdict(who))
        end_session(unit.cursor, who.session)
        unit.record("sign-out", "user", who.id, before={"name": who.name, "session": who.session}, tenant=who.tenant)
        unit.answer(asdict(who))
    return unit.answered()


@users_sessions.operation(
    "GET", answer=SessionList, problems=(404,), example={"items": [SESSION]}, needs=Scope.ADMINISTER
)
def list_users_sessions(user_id: str) -> dict[str, Any]:
    """List where a person is signed in, newest first"""
    with services().database.transaction() as cursor:
        known(read_user(cursor, user_id), user_id)
        return {"items": read_sessions(cursor, user_id, services().sign_ins.idle)}


@users_sessions.operation("DELETE", answer=SessionsEnded, problems=(404,), needs=Scope.ADMINISTER)
def end_users_sessions(user_id: str) -> dict[str, Any]:
    """Sign a person out everywhere"""
    with work() as unit:
        user = lock(unit, user_id)
        ended = end_sessions(unit.cursor, user_id)
        told = {"name": user["name"], "sessions": ended}
        unit.record("end-sessions", "user", user_id, before=told, tenant=user["tenant"])
        unit.answer({"id": user_id, "name": user["name"], "ended": ended})
    return unit.answered()
