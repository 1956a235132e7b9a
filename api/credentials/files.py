"""Credentials as CSV files over HTTP: many at once, all or none; their passwords leave in a file, this once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Response

from api.changes import Change
from api.credentials import store
from api.credentials.routes import credentials
from api.credentials.schema import CredentialCreated, CredentialFilter, CredentialSchema, NewCredential
from api.csv_files import MEDIA_TYPE, csv_answer, pages_behind, whole
from api.imports.importing import check, importing, upload
from api.imports.kinds import Kind, Reference, Row
from api.imports.schema import ImportReport
from api.operations import Once
from api.passwords import distinct, ha1, new_identifier, new_password, new_username
from api.principal import own_tenant, scope
from api.request_ids import request_id
from api.rest import Resource
from api.services import services
from api.tenants.ownership import all_known

EXAMPLE: Final = "label,tenant,enabled\r\nAcme head office,acme-42,true\r\n"
EXPORTED: Final = ("label", "tenant", "enabled", "id", "username", "created_at", "rotated_at")
EXPORT_EXAMPLE: Final = (
    f"{','.join(EXPORTED)}\r\nAcme head office,acme-42,true,cr-x7k2m9p4q8wz,k3v8n2mq7x4t,2026-01-31T12:00:00.000Z,\r\n"
)
MADE: Final = ("label", "tenant", "enabled", "id", "username", "password")
MADE_EXAMPLE: Final = (
    f"{','.join(MADE)}\r\nAcme head office,acme-42,true,cr-x7k2m9p4q8wz,k3v8n2mq7x4t,b7TqZk4mWx9RfHn3vCs8YpLd\r\n"
)
PASSWORDS: Final = Once(
    ("passwords",),
    "{rows} credentials were made. The audit log lists them (GET /v1/audit?request_id={request_id}), and"
    " GET /v1/credentials has the newest first: rotate them (POST /v1/credentials/{{id}}/rotate), or delete them"
    " and import again.",
)


def made(rows: Sequence[Row]) -> list[Row]:
    """`rows` with what the service makes up (rule C1), the password among it."""
    realm = services().realm
    names = zip(distinct(len(rows), lambda: new_identifier("cr")), distinct(len(rows), new_username), strict=True)
    return [row | _login(*name, realm) for row, name in zip(rows, names, strict=True)]


def _login(credential_id: str, username: str, realm: str) -> Row:
    password = new_password()
    return {
        "id": credential_id,
        "username": username,
        "password": password,
        "ha1": ha1(username, realm, password),
    }


CREDENTIALS: Final = Kind(
    "credential",
    "id",
    NewCredential,
    ("label", "tenant", "enabled"),
    store.insert_credentials,
    references={"tenant": Reference(all_known, own_tenant)},
    complete=made,
    told=("id", "username"),
    change=lambda row: Change("credential", row["id"], {"username": row["username"]}),
)

credentials_csv = Resource("credentials_csv", "/v1/credentials.csv", "Credentials for spreadsheets")


@credentials.operation(
    "POST",
    "/import",
    upload=upload(EXAMPLE),
    file=MEDIA_TYPE,
    status=201,
    example=MADE_EXAMPLE,
    tenants=True,
    once=PASSWORDS,
)
def import_credentials() -> Response:
    """Create the credentials of a CSV file, all or none; the answer is a CSV file with their passwords, this once"""
    with importing(CREDENTIALS) as (unit, rows):
        unit.answer({"rows": len(rows), "request_id": request_id()})
        return whole(csv_answer("credentials", CredentialCreated, MADE, iter([rows])), status=201)


@credentials.operation("POST", "/import/check", upload=upload(EXAMPLE), answer=ImportReport, tenants=True)
def check_credentials() -> dict[str, Any]:
    """Say what an import of a CSV file of credentials would make of each row, and change nothing"""
    return check(CREDENTIALS)


@credentials_csv.operation("GET", query=CredentialFilter, file=MEDIA_TYPE, example=EXPORT_EXAMPLE, tenants=True)
def export_credentials(query: dict[str, Any]) -> Response:
    """Get all credentials that a filter finds as a CSV file, newest first, without passwords"""
    database, wanted = services().database, query | scope()

    def read(last: Any, limit: int) -> list[Row]:
        with database.transaction() as cursor:
            after = (last["created_at"], last["id"]) if last else None
            return store.read_credentials(cursor, wanted, after, limit)

    return csv_answer("credentials", CredentialSchema, EXPORTED, pages_behind(read))
