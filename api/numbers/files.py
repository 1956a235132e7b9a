"""Numbers as CSV files over HTTP: many at once, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, request
from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.audit.store import Entry
from api.changes import Change
from api.credentials.store import lock_all_named
from api.csv_files import MEDIA_TYPE, Row, csv_answer, pages_behind
from api.numbers import store
from api.numbers.parsing import COLUMNS, LARGEST, Line, Users, parse, refusal, settle
from api.numbers.routes import numbers
from api.numbers.schema import ImportQuery, NumberFilter, NumberSchema, NumbersImported
from api.operations import Upload
from api.principal import scope
from api.problems import Refusal
from api.rest import Resource
from api.services import services
from api.tenants.store import lock_tenants
from api.work import Work, work

EXAMPLE: Final = "number,label,tenant,credential\r\n+14155550100,Reception,acme-42,k3v8n2mq7x4t\r\n"

numbers_csv = Resource("numbers_csv", "/v1/numbers.csv", "Numbers for spreadsheets, and for an import elsewhere")


@numbers.operation(
    "POST",
    "/import",
    query=ImportQuery,
    upload=Upload(MEDIA_TYPE, LARGEST, EXAMPLE),
    answer=NumbersImported,
)
def import_numbers(query: dict[str, Any]) -> dict[str, Any]:
    """Create the numbers of a CSV file: all of them, or none and a list of the rows that are wrong"""
    lines, faults = parse(request.get_data())
    rows = len({line.at for line in lines} | {fault.at for fault in faults})
    with work() as unit:
        wanted, more = settle(lines, _users(unit.cursor, lines))
        if faults or more:
            raise refusal([*faults, *more], rows)
        unit.answer({"numbers": rows, "dry_run": query["dry_run"], "change": None, "pending_regions": []})
        if not query["dry_run"]:
            _insert(unit, wanted)
    return unit.answered()


def _insert(unit: Work, wanted: list[dict[str, Any]]) -> None:
    try:
        store.insert_numbers(unit.cursor, wanted)
    except IntegrityError as error:
        detail = "Somebody else created one of these numbers meanwhile, so none was imported: send the file again."
        raise Refusal(409, "number-exists", detail) from error
    unit.record_all([Entry("import", "number", row["number"], after=row) for row in wanted])
    unit.tell_all([Change("number", row["number"]) for row in wanted])


def _users(cursor: DictCursor, lines: Sequence[Line]) -> Users:
    """Locks the tenants and credentials that the file names."""
    return Users(
        lock_tenants(cursor, _names(lines, "tenant")),
        lock_all_named(cursor, _names(lines, "credential")),
        store.read_existing(cursor, _names(lines, "number")),
    )


def _names(lines: Sequence[Line], field: str) -> list[str]:
    """In order, so that two imports lock in the same one; what is not ASCII is nobody's name."""
    return sorted({str(name) for line in lines if (name := line.number[field]) is not None and name.isascii()})


@numbers_csv.operation("GET", query=NumberFilter, file=MEDIA_TYPE, example=EXAMPLE, tenants=True)
def export_numbers(query: dict[str, Any]) -> Response:
    """Get all numbers that a filter finds as a CSV file that can be imported again"""
    database, wanted = services().database, query | scope()

    def read(last: Row | None, limit: int) -> list[dict[str, Any]]:
        with database.transaction() as cursor:
            return store.read_numbers(cursor, wanted, (last["number"],) if last else None, limit)

    return csv_answer("numbers", NumberSchema, COLUMNS, pages_behind(read))
