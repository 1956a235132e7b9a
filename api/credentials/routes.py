"""Credentials over HTTP (rules C1 to C6)."""

from __future__ import annotations

import time
from typing import Any, Final

from pymysql.cursors import DictCursor

from api.calls.store import count_live_of, read_region_names
from api.credentials import store
from api.credentials.examples import APPLIED, EXAMPLE, ROTATED, SECRET
from api.credentials.live import with_live, without_live
from api.credentials.live_schema import CredentialPage, CredentialWithBindings
from api.credentials.schema import (
    CredentialChange,
    CredentialChanged,
    CredentialCreated,
    CredentialDeleted,
    CredentialQuery,
    CredentialRotated,
    CredentialSchema,
    Deletion,
    GraceEnded,
    Rotation,
    Wanted,
)
from api.numbers.store import count_used, read_used
from api.operations import Once
from api.paging import page, place_of
from api.passwords import ha1, new_identifier, new_password, new_username
from api.pbxs.settings import settings_for
from api.principal import may_see, own_tenant, scope
from api.problems import Refusal, unknown
from api.rest import Resource
from api.services import services
from api.tenants.ownership import created_for, moved
from api.work import Work, work

IN_FORCE_MS: Final = 1000
"""How long a change takes at most to reach a region (rule C5): calls that begin meanwhile are ended too."""

credentials = Resource("credentials", "/v1/credentials", "What a PBX registers with: a username and a password")
PASSWORD: Final = Once(
    ("password", "settings"), "POST /v1/credentials/{id}/rotate makes another password for {username}."
)
shown = CredentialSchema().dump


@credentials.operation(
    "POST",
    body=Wanted,
    answer=CredentialCreated,
    status=201,
    problems=(409,),
    example=EXAMPLE | SECRET | {"change": 41},
    tenants=True,
    once=PASSWORD,
)
def create_credential(wanted: dict[str, Any]) -> dict[str, Any]:
    """Create a credential; the answer holds its password, this once"""
    credential_id, username, password = new_identifier("cr"), new_username(), new_password()
    made = {"id": credential_id, "username": username, "ha1": ha1(username, services().realm, password)}
    with work() as unit:
        store.insert_credentials(unit.cursor, [created_for(unit.cursor, wanted) | made])
        credential = _read(unit.cursor, credential_id)
        unit.record("create", "credential", credential_id, after=shown(credential))
        unit.tell("credential", credential_id, {"username": username})
        unit.answer(credential | _secrets(unit.cursor, username, password, wanted))
    return unit.answered(wait=False)


@credentials.operation("GET", query=CredentialQuery, answer=CredentialPage, tenants=True)
def list_credentials(query: dict[str, Any]) -> dict[str, Any]:
    """List credentials, newest first"""
    after = place_of(query, store.ORDERS)
    with services().database.transaction() as cursor:
        found = page(store.read_credentials(cursor, query | scope(), after, query["limit"] + 1), query, store.ORDERS)
        items = with_live(cursor, found["items"]) if query["live"] else without_live(found["items"])
    return found | {"items": items}


@credentials.operation("GET", "/<credential_id>", answer=CredentialWithBindings, problems=(404,), tenants=True)
def get_credential(credential_id: str) -> dict[str, Any]:
    """Get a credential, its bindings and what it uses of its limits"""
    with services().database.transaction() as cursor:
        (credential,) = with_live(cursor, [_read(cursor, credential_id)])
    return credential


@credentials.operation(
    "PATCH",
    "/<credential_id>",
    body=CredentialChange,
    answer=CredentialChanged,
    problems=(404, 409),
    example=EXAMPLE | APPLIED,
    tenants=True,
)
def change_credential(wanted: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Relabel, move, disable or enable a credential; disabling removes its bindings"""
    with work() as unit:
        before = _lock(unit, credential_id)
        store.update_credential(unit.cursor, credential_id, moved(unit.cursor, wanted))
        credential = _read(unit.cursor, credential_id)
        unit.record("change", "credential", credential_id, before=shown(before), after=shown(credential))
        unit.answer(credential | _tell(unit, before, wanted))
    return unit.answered()


@credentials.operation(
    "POST",
    "/<credential_id>/rotate",
    body=Rotation,
    answer=CredentialRotated,
    problems=(404, 409, 412),
    example=ROTATED | SECRET | APPLIED,
    tenants=True,
    once=PASSWORD,
)
def rotate_credential(wanted: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Make a new password, which the answer holds, this once; the old one ends, or works for a grace period more

    Without a grace period bindings are removed. Rotating during one ends the older password at once.
    """
    password = new_password()
    with work() as unit:
        before = _lock(unit, credential_id)
        secret = ha1(before["username"], services().realm, password)
        store.update_ha1(unit.cursor, credential_id, secret, wanted["grace_seconds"])
        credential = _read(unit.cursor, credential_id)
        unit.record("rotate", "credential", credential_id, before=shown(before), after=shown(credential))
        secrets = _secrets(unit.cursor, before["username"], password, wanted)
        unit.answer(credential | secrets | _tell(unit, before, wanted))
    return unit.answered()


@credentials.operation(
    "DELETE",
    "/<credential_id>/old-password",
    answer=GraceEnded,
    problems=(404,),
    example=EXAMPLE | {"change": 41, "pending_regions": []},
    tenants=True,
)
def end_grace(credential_id: str) -> dict[str, Any]:
    """End the old password at once, and remove the bindings that were made with it (rule C4)"""
    with work() as unit:
        before = _lock(unit, credential_id)
        if not store.end_grace(unit.cursor, credential_id):
            detail = f"Credential {credential_id} has no old password that works: only its present one does."
            raise Refusal(404, "no-old-password", detail)
        credential = _read(unit.cursor, credential_id)
        unit.record("end-grace", "credential", credential_id, before=shown(before), after=shown(credential))
        unit.tell("credential", credential_id, {"username": credential["username"]})
        unit.answer(credential)
    return unit.answered()


@credentials.operation(
    "DELETE",
    "/<credential_id>",
    query=Deletion,
    answer=CredentialDeleted,
    problems=(404, 409),
    example={"id": EXAMPLE["id"], "username": EXAMPLE["username"]} | APPLIED,
    tenants=True,
)
def delete_credential(query: dict[str, Any], credential_id: str) -> dict[str, Any]:
    """Delete a credential that no number is routed to, and remove its bindings"""
    with work() as unit:
        before = _lock(unit, credential_id)
        _refuse_if_used(unit.cursor, credential_id)
        store.delete_credential(unit.cursor, credential_id)
        unit.record("delete", "credential", credential_id, before=shown(before))
        unit.answer({"id": credential_id, "username": before["username"]} | _tell(unit, before, query))
    return unit.answered()


def _secrets(cursor: DictCursor, username: str, password: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """What is told this once: the password, and settings that hold it, if a kind of PBX is wanted."""
    pbx = wanted["pbx"]
    settings = None if pbx is None else settings_for(cursor, username, pbx, wanted["domain"], password)
    return {"password": password, "settings": settings}


def _tell(unit: Work, credential: dict[str, Any], wanted: dict[str, Any]) -> dict[str, int]:
    """Tell regions of the credential, then of the end of its calls, if that is wanted (rule C5).

    A region ends all that it knows; MariaDB may not have heard of the latest, which `ending_calls` does not count.
    Nor does it count others' calls for who is bound to a tenant: to numbers that are not that tenant's.
    """
    username = credential["username"]
    unit.tell("credential", credential["id"], {"username": username})
    if not wanted["end_calls"]:
        return {"ending_calls": 0}
    before = str(time.time_ns() // 1_000_000 + IN_FORCE_MS)
    for region in read_region_names(unit.cursor):
        unit.tell("calls_of", username, {"region": region, "before": before})
    return {"ending_calls": count_live_of(unit.cursor, credential["id"], own_tenant())}


def _refuse_if_used(cursor: DictCursor, credential_id: str) -> None:
    """Rule T3. Who is bound to a tenant learns of that tenant's numbers only."""
    count = count_used(cursor, "credential", credential_id)
    if not count:
        return
    seen = read_used(cursor, "credential", credential_id, own_tenant())
    whose = f"{len(seen) if own_tenant() else count} number(s)" if seen else "a number that the carrier routes"
    detail = f"Credential {credential_id} is in use by {whose}: route them elsewhere first (rule T3)."
    more = {"used_by": seen, "used_by_count": len(seen) if own_tenant() else count}
    raise Refusal(409, "credential-in-use", detail, more=more)


def _read(cursor: DictCursor, credential_id: str) -> dict[str, Any]:
    return _visible(store.read_credential(cursor, credential_id), credential_id)


def _lock(unit: Work, credential_id: str) -> dict[str, Any]:
    credential = _visible(store.lock_credential(unit.cursor, credential_id), credential_id)
    unit.expect(credential)
    return credential


def _visible(credential: dict[str, Any] | None, credential_id: str) -> dict[str, Any]:
    if credential is None or not may_see(credential["tenant"]):
        hint = "GET /v1/credentials lists them, and ?username= finds one by its username"
        raise unknown("credential", credential_id, hint)
    return credential
