"""Tenants as CSV files over HTTP: many at once, all or none."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from api.csv_files import MEDIA_TYPE, Row, csv_answer, pages_behind
from api.imports.importing import check, importing, upload
from api.imports.kinds import Kind
from api.imports.schema import Imported, ImportReport
from api.principal import Scope, scope
from api.rest import Resource
from api.services import services
from api.tenants import store
from api.tenants.ownership import all_known
from api.tenants.routes import tenants
from api.tenants.schema import NewTenant, TenantSchema

EXAMPLE: Final = "account_id,name,contact\r\nacme-42,Acme Ltd,noc@acme.example\r\n"
TENANTS: Final = Kind(
    "tenant",
    "account_id",
    NewTenant,
    ("account_id", "name", "contact"),
    store.insert_tenants,
    existing=all_known,
)

tenants_csv = Resource("tenants_csv", "/v1/tenants.csv", "Tenants for spreadsheets, and for an import elsewhere")


@tenants.operation("POST", "/import", upload=upload(EXAMPLE), answer=Imported, status=201, needs=Scope.ADMINISTER)
def import_tenants() -> dict[str, Any]:
    """Create the tenants of a CSV file: all of them, or none and a list of the rows that are wrong"""
    with importing(TENANTS) as (unit, rows):
        unit.answer({"rows": len(rows)})
    return unit.answered()


@tenants.operation("POST", "/import/check", upload=upload(EXAMPLE), answer=ImportReport, needs=Scope.ADMINISTER)
def check_tenants() -> dict[str, Any]:
    """Say what an import of a CSV file of tenants would make of each row, and change nothing"""
    return check(TENANTS)


@tenants_csv.operation("GET", file=MEDIA_TYPE, example=EXAMPLE, tenants=True)
def export_tenants() -> Response:
    """Get all tenants as a CSV file that can be imported again"""
    database, wanted = services().database, scope()

    def read(last: Row | None, limit: int) -> list[dict[str, Any]]:
        with database.transaction() as cursor:
            return store.read_tenants(cursor, wanted, (last["account_id"],) if last else None, limit)

    return csv_answer("tenants", TenantSchema, TENANTS.columns, pages_behind(read))
