"""Credentials over HTTP (rules C1 to C6)."""

from __future__ import annotations

from typing import Any

from pymysql.cursors import DictCursor

from api.bindings.store import read_bindings
from api.calls.store import read_live_of
from api.changes import Change, next_change, next_changes
from api.credentials import store
from api.credentials.schema import (
    APPLIED,
    EXAMPLE,
    SECRET,
    CredentialChange,
    CredentialChanged,
    CredentialCreated,
    CredentialDeleted,
    CredentialPage,
    CredentialQuery,
    CredentialRotated,
    CredentialWithBindings,
    Deletion,
    NewCredential,
    Rotation,
)
from api.numbers.store import count_used, read_used
from api.paging import page, read_moment_cursor
from api.passwords import ha1, new_identifier, new_password, new_username
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants.store import known_tenant

credentials = Resource("credentials", "/v1/credentials", "What a PBX registers with: a username and a password")


@credentials.operation(
    "POST", body=NewCredential, answer=CredentialCreated, status=201, example=EXAMPLE | SECRET | {"change": 41}
)
def create_credential(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a credential; the answer holds its password, this once"""
    credential_id, username, password = new_identifier("cr"), new_username(), new_password()
    made = {"id": credential_id, "username": username, "ha1": ha1(username, services().realm, password)}
    with services().database.transaction() as cursor:
        store.insert_credential(cursor, known_tenant(cursor, wanted) | made)
        credential = _read(cursor, credential_id)
        change = next_change(cursor, "credential", credential_id, {"username": username})
    return credential | {"password": password, "change": change}


@credentials.operation("GET", query=CredentialQuery, answer=CredentialPage)
def list_credentials(query: dict[str, Any]) -> dict[str, Any]:
    """List credentials, newest first"""
    after = read_moment_cursor(query["after"]) if query["after"] else None
    with services().database.transaction() as cursor:
        rows = store.read_credentials(cursor, query, after, query["limit"] + 1)
    return page(rows, query["limit"], "created_at", "id")


@credentials.operation("GET", "/<credential_id>", answer=CredentialWithBindings, problems=(404,))
def get_credential(credential_id: str) -> dict[str, Any]:
    """Get a credential and its bindings"""
    with services().database.transaction() as cursor:
        credential = _read(cursor, credential_id)
        return credential | {"bindings": read_bindings(cursor, {"credential": credential_id})}


@credentials.operation(
    "PATCH",
    "/<credential_id>",
    body=CredentialChange,
    answer=CredentialChanged,
    problems=(404,),
    example=EXAMPLE | APPLIED,
)
def change_credential(wanted: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Relabel, move, disable or enable a credential; disabling removes its bindings"""
    with services().database.transaction() as cursor:
        username = _lock(cursor, credential_id)
        store.update_credential(cursor, credential_id, known_tenant(cursor, wanted))
        credential = _read(cursor, credential_id)
        changes = _changes(cursor, credential_id, username, wanted)
        change = next_changes(cursor, changes)
    return credential | _outcome(change, changes)


@credentials.operation(
    "POST",
    "/<credential_id>/rotate",
    body=Rotation,
    answer=CredentialRotated,
    problems=(404,),
    example={"id": EXAMPLE["id"], "username": EXAMPLE["username"]} | SECRET | APPLIED,
)
def rotate_credential(wanted: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Make a new password, which the answer holds, this once; the old one ends and bindings are removed"""
    password = new_password()
    with services().database.transaction() as cursor:
        username = _lock(cursor, credential_id)
        store.update_ha1(cursor, credential_id, ha1(username, services().realm, password))
        changes = _changes(cursor, credential_id, username, wanted)
        change = next_changes(cursor, changes)
    return {"id": credential_id, "username": username, "password": password} | _outcome(change, changes)


@credentials.operation(
    "DELETE",
    "/<credential_id>",
    query=Deletion,
    answer=CredentialDeleted,
    problems=(404, 409),
    example={"id": EXAMPLE["id"], "username": EXAMPLE["username"]} | APPLIED,
)
def delete_credential(query: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Delete a credential that no number is routed to, and remove its bindings"""
    with services().database.transaction() as cursor:
        username = _lock(cursor, credential_id)
        _refuse_if_used(cursor, credential_id)
        store.delete_credential(cursor, credential_id)
        changes = _changes(cursor, credential_id, username, query)
        change = next_changes(cursor, changes)
    return {"id": credential_id, "username": username} | _outcome(change, changes)


def _changes(cursor: DictCursor, credential_id: str, username: str, wanted: dict[str, Any]) -> list[Change]:
    """That of the credential first, then the end of each of its calls, if that is wanted (rule C5)."""
    live = read_live_of(cursor, credential_id) if wanted["end_calls"] else []
    ends = [Change("call", str(call["id"]), {"region": str(call["region"])}) for call in live]
    return [Change("credential", credential_id, {"username": username}), *ends]


def _outcome(change: int, changes: list[Change]) -> dict[str, Any]:
    return {"ending_calls": len(changes) - 1} | services().applying.outcome(change)


def _refuse_if_used(cursor: DictCursor, credential_id: str) -> None:
    count = count_used(cursor, "credential", credential_id)
    if not count:
        return
    detail = f"Credential {credential_id} is in use by {count} number(s): route them elsewhere first (rule T3)."
    more = {"used_by": read_used(cursor, "credential", credential_id), "used_by_count": count}
    raise Refusal(409, "credential-in-use", detail, more=more)


def _read(cursor: DictCursor, credential_id: str) -> dict[str, Any]:
    credential = store.read_credential(cursor, credential_id)
    if credential is None:
        raise _unknown(credential_id)
    return credential


def _lock(cursor: DictCursor, credential_id: str) -> str:
    username = store.lock_username(cursor, credential_id)
    if username is None:
        raise _unknown(credential_id)
    return username


def _unknown(credential_id: str) -> Refusal:
    return unknown(
        "credential", credential_id, "GET /v1/credentials lists them, and ?username= finds one by its username"
    )
