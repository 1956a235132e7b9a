"""Call records over HTTP (rules O5, I5 and F2)."""

from __future__ import annotations

from typing import Any

from flask import Response

from api.cdrs.schema import EXAMPLE, CdrFilter, CdrPage, CdrQuery, CdrSchema
from api.cdrs.store import ORDERS, read_cdr, read_cdrs
from api.csv_files import MEDIA_TYPE, Row, csv_answer, pages_behind
from api.paging import page, place_of
from api.principal import own_tenant, scope
from api.problems import unknown
from api.rest import Resource
from api.services import services

cdrs = Resource("cdrs", "/v1/cdrs", "Records of calls that have ended or were refused")
cdrs_csv = Resource("cdrs_csv", "/v1/cdrs.csv", "Call records for spreadsheets and other programs")


@cdrs.operation("GET", query=CdrQuery, answer=CdrPage, tenants=True)
def list_cdrs(query: dict[str, Any]) -> dict[str, Any]:
    """List call records, newest first"""
    after = place_of(query, ORDERS)
    with services().database.transaction() as cursor:
        return page(read_cdrs(cursor, query | scope(), after, query["limit"] + 1), query, ORDERS)


@cdrs.operation("GET", "/<call_id>", answer=CdrSchema, problems=(404,), example=EXAMPLE, tenants=True)
def get_cdr(call_id: str) -> dict[str, Any]:
    """Get a call record"""
    with services().database.transaction() as cursor:
        found = read_cdr(cursor, call_id, own_tenant())
    if found is None:
        raise unknown("call record", call_id, f"the call may go on: GET /v1/calls/{call_id}; GET /v1/cdrs lists others")
    return found


@cdrs_csv.operation("GET", query=CdrFilter, file=MEDIA_TYPE, example=",".join(EXAMPLE), tenants=True)
def export_cdrs(query: dict[str, Any]) -> Response:
    """Get all call records that a filter finds, newest first, as a CSV file with a header"""
    database, wanted = services().database, query | scope()

    def read(last: Row | None, limit: int) -> list[dict[str, Any]]:
        with database.transaction() as cursor:
            return read_cdrs(cursor, wanted, (last["started_at"], last["id"]) if last else None, limit)

    return csv_answer("cdrs", CdrSchema, tuple(EXAMPLE), pages_behind(read))
