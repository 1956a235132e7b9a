"""Numbers as CSV files over HTTP: many at once, all or none."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from api.changes import Change
from api.credentials.store import lock_all_named
from api.csv_files import MEDIA_TYPE, Row, csv_answer, pages_behind
from api.imports.importing import check, importing, upload
from api.imports.kinds import Kind, Reference
from api.imports.schema import ImportedAndTold, ImportReport
from api.numbers import store
from api.numbers.routes import numbers
from api.numbers.schema import NewNumber, NumberFilter, NumberSchema
from api.principal import scope
from api.rest import Resource
from api.services import services
from api.tenants.ownership import all_known

EXAMPLE: Final = "number,label,tenant,credential\r\n+14155550100,Reception,acme-42,k3v8n2mq7x4t\r\n"
NUMBERS: Final = Kind(
    "number",
    "number",
    NewNumber,
    ("number", "label", "tenant", "credential"),
    store.insert_numbers,
    existing=store.read_existing,
    references={"tenant": Reference(all_known), "credential": Reference(lock_all_named)},
    change=lambda row: Change("number", row["number"]),
)

numbers_csv = Resource("numbers_csv", "/v1/numbers.csv", "Numbers for spreadsheets, and for an import elsewhere")


@numbers.operation("POST", "/import", upload=upload(EXAMPLE), answer=ImportedAndTold, status=201)
def import_numbers() -> dict[str, Any]:
    """Create the numbers of a CSV file: all of them, or none and a list of the rows that are wrong"""
    with importing(NUMBERS) as (unit, rows):
        unit.answer({"rows": len(rows)})
    return unit.answered()


@numbers.operation("POST", "/import/check", upload=upload(EXAMPLE), answer=ImportReport)
def check_numbers() -> dict[str, Any]:
    """Say what an import of a CSV file of numbers would make of each row, and change nothing"""
    return check(NUMBERS)


@numbers_csv.operation("GET", query=NumberFilter, file=MEDIA_TYPE, example=EXAMPLE, tenants=True)
def export_numbers(query: dict[str, Any]) -> Response:
    """Get all numbers that a filter finds as a CSV file that can be imported again"""
    database, wanted = services().database, query | scope()

    def read(last: Row | None, limit: int) -> list[dict[str, Any]]:
        with database.transaction() as cursor:
            return store.read_numbers(cursor, wanted, (last["number"],) if last else None, limit)

    return csv_answer("numbers", NumberSchema, NUMBERS.columns, pages_behind(read))
