"""People over HTTP."""

from __future__ import annotations

from typing import Any, Final

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.operations import Once
from api.paging import page, place_of
from api.passwords import new_identifier, new_password
from api.principal import Scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.sessions.store import end_sessions
from api.tenants.ownership import bound
from api.users import store
from api.users.schema import (
    EXAMPLE,
    SECRET,
    NewPassword,
    NewUser,
    UserChange,
    UserDeleted,
    UserPage,
    UserQuery,
    UserSchema,
    UserWithPassword,
)
from api.work import Work, work

users = Resource("users", "/v1/users", "People who may sign in")
PASSWORD: Final = Once(("password",), "POST /v1/users/{id}/password makes another password for {name}.")
shown = UserSchema().dump


@users.operation(
    "POST",
    body=NewUser,
    answer=UserWithPassword,
    status=201,
    example=EXAMPLE | SECRET,
    needs=Scope.ADMINISTER,
    once=PASSWORD,
)
def create_user(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a person; the answer holds the password, this once"""
    user_id, password = new_identifier("us"), new_password()
    made = {"id": user_id, "password": services().hashes.make(password)}
    with work() as unit:
        try:
            store.insert_user(unit.cursor, bound(unit.cursor, wanted) | made)
        except IntegrityError as error:
            detail = f"There is a user {wanted['name']} already: choose another name, or change that one."
            raise Refusal(409, "user-exists", detail) from error
        user = _read(unit.cursor, user_id)
        unit.record("create", "user", user_id, after=shown(user))
        unit.answer(user | {"password": password})
    return unit.answered()


@users.operation("GET", query=UserQuery, answer=UserPage, needs=Scope.ADMINISTER)
def list_users(query: dict[str, Any]) -> dict[str, Any]:
    """List people, newest first unless told"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        return page(store.read_users(cursor, query, after, query["limit"] + 1), query, store.ORDERS)


@users.operation("GET", "/<user_id>", answer=UserSchema, problems=(404,), example=EXAMPLE, needs=Scope.ADMINISTER)
def get_user(user_id: str) -> dict[str, Any]:
    """Get a person"""
    with services().database.transaction() as cursor:
        return _read(cursor, user_id)


@users.operation(
    "PATCH",
    "/<user_id>",
    body=UserChange,
    answer=UserSchema,
    problems=(404, 409),
    example=EXAMPLE,
    needs=Scope.ADMINISTER,
)
def change_user(wanted: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Change a person's role or tenant, disable or enable; disabling ends the sessions"""
    with work() as unit:
        before = lock(unit, user_id)
        _refuse_bound_administrator(before | wanted)
        store.update_user(unit.cursor, user_id, bound(unit.cursor, wanted))
        if wanted.get("enabled") is False:
            end_sessions(unit.cursor, user_id)
        after = _read(unit.cursor, user_id)
        unit.record("change", "user", user_id, before=shown(before), after=shown(after))
        unit.answer(after)
    return unit.answered()


@users.operation(
    "POST",
    "/<user_id>/password",
    body=NewPassword,
    answer=UserWithPassword,
    problems=(404, 412),
    example=EXAMPLE | SECRET,
    needs=Scope.ADMINISTER,
    once=PASSWORD,
)
def reset_password(_: dict[str, Any], user_id: str) -> dict[str, Any]:
    """Make a new password, which the answer holds, this once; the old one and all sessions end"""
    password = new_password()
    kept = services().hashes.make(password)
    with work() as unit:
        before = lock(unit, user_id)
        store.update_password(unit.cursor, user_id, kept)
        end_sessions(unit.cursor, user_id)
        after = _read(unit.cursor, user_id)
        unit.record("reset-password", "user", user_id, before=shown(before), after=shown(after))
        unit.answer(after | {"password": password})
    return unit.answered()


@users.operation("DELETE", "/<user_id>", answer=UserDeleted, problems=(404,), needs=Scope.ADMINISTER)
def delete_user(user_id: str) -> dict[str, Any]:
    """Delete a person, and end the sessions"""
    with work() as unit:
        before = lock(unit, user_id)
        store.delete_user(unit.cursor, user_id)
        unit.record("delete", "user", user_id, before=shown(before))
        unit.answer({"id": user_id, "name": before["name"]})
    return unit.answered()


def lock(unit: Work, user_id: str) -> dict[str, Any]:
    """The person as If-Match names it, whom nobody else can change meanwhile. Errors: Refusal (404, 412)."""
    user = known(store.lock_user(unit.cursor, user_id), user_id)
    unit.expect(user)
    return user


def known(user: dict[str, Any] | None, user_id: str) -> dict[str, Any]:
    """`user`. Errors: Refusal (404) when there is none."""
    if user is None:
        raise unknown("user", user_id, "GET /v1/users lists them, and ?name= finds one by name")
    return user


def _read(cursor: DictCursor, user_id: str) -> dict[str, Any]:
    return known(store.read_user(cursor, user_id), user_id)


def _refuse_bound_administrator(user: dict[str, Any]) -> None:
    if user["tenant"] is not None and user["role"] == Scope.ADMINISTER:
        detail = (
            f"{user['name']} would administer and be bound to tenant {user['tenant']}, but who may administer sees all"
            " tenants: send tenant null too, or choose a smaller role."
        )
        raise Refusal(409, "bound-administrator", detail)
