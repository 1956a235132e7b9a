"""Credentials over HTTP (rules C1 to C6)."""

from __future__ import annotations

import time
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.bindings.store import read_bindings
from api.calls.store import count_live_of, read_region_names
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

IN_FORCE_MS: Final = 1000
"""How long a change takes at most to reach a region (rule C5): calls that begin meanwhile are ended too."""

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
        logged = _change(cursor, credential_id, username, wanted)
    return credential | _outcome(logged)


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
        logged = _change(cursor, credential_id, username, wanted)
    return {"id": credential_id, "username": username, "password": password} | _outcome(logged)


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
        logged = _change(cursor, credential_id, username, query)
    return {"id": credential_id, "username": username} | _outcome(logged)


def _change(cursor: DictCursor, credential_id: str, username: str, wanted: dict[str, Any]) -> dict[str, int]:
    """Log that of the credential, then the end of its calls in each region, if that is wanted (rule C5).

    A region ends all that it knows; MariaDB may not have heard of the latest, which `ending_calls` does not count.
    """
    changes, ending = [Change("credential", credential_id, {"username": username})], 0
    if wanted["end_calls"]:
        before = str(time.time_ns() // 1_000_000 + IN_FORCE_MS)
        regions = read_region_names(cursor)
        changes += [Change("calls_of", username, {"region": name, "before": before}) for name in regions]
        ending = count_live_of(cursor, credential_id)
    return {"change": next_changes(cursor, changes), "ending_calls": ending}


def _outcome(logged: dict[str, int]) -> dict[str, Any]:
    return logged | services().applying.outcome(logged["change"])


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
