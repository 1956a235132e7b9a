"""Imports of CSV files: looked at, or carried out as a whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymysql.cursors import DictCursor
from pymysql.err import IntegrityError

from api.audit.store import Entry
from api.csv_files import MEDIA_TYPE
from api.imports.kinds import Kind, Row
from api.imports.parsing import parse, refusal
from api.imports.progress import Progress
from api.imports.senders import received, refuse_if_gone
from api.imports.settling import Sheet, look_up, settle
from api.limits import LARGEST_FILE
from api.operations import Upload
from api.problems import Refusal
from api.services import services
from api.work import Work, work


def upload(example: str) -> Upload:
    """A CSV file such as `example`."""
    return Upload(MEDIA_TYPE, LARGEST_FILE, example)


def check(kind: Kind) -> dict[str, Any]:
    """What an import of the request's file would do. Errors: Refusal (400, 422) when it is no such file as a whole."""
    data = received()
    with Progress.of_request() as progress, services().database.transaction() as cursor:
        return _sheet(cursor, kind, data, progress).report()


@contextmanager
def importing(kind: Kind) -> Iterator[tuple[Work, Sequence[Row]]]:
    """Make everything in the request's file; the rows that were made, in the file's order.

    It is undone when the block fails, and when the sender has gone at the end of it.
    Errors: those of `work` and `check`; Refusal (409: somebody made one of them meanwhile; 422: names every bad row).
    """
    data = received()
    with Progress.of_request() as progress, work() as unit:
        sheet = _sheet(unit.cursor, kind, data, progress)
        if sheet.faults:
            raise refusal(sheet.faults, sheet.rows)
        rows = kind.complete([line.row for line in sheet.lines])
        for chunk in progress.chunks("writing", rows):
            _write(unit, kind, chunk)
        unit.tell_all([change for row in rows if (change := kind.change(row))])
        unit.look_last(refuse_if_gone)
        yield unit, rows


def _sheet(cursor: DictCursor, kind: Kind, data: bytes, progress: Progress) -> Sheet:
    lines, faults = parse(data, kind, lambda rows: progress.through("checking", rows))
    settled = settle(kind, lines, look_up(cursor, kind, lines))
    return Sheet(settled.lines, [*faults, *settled.faults])


def _write(unit: Work, kind: Kind, rows: Sequence[Row]) -> None:
    try:
        kind.insert(unit.cursor, rows)
    except IntegrityError as error:
        detail = f"Somebody else made such a {kind.what} meanwhile, so nothing was imported: send the file again."
        raise Refusal(409, f"{kind.what}-exists", detail) from error
    unit.record_all([_entry(kind, row) for row in rows])


def _entry(kind: Kind, row: Row) -> Entry:
    after = {name: row[name] for name in (*kind.told, *kind.columns)}
    return Entry("import", kind.what, row[kind.identifier], after=after, tenant=row.get("account_id"))
