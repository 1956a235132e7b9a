"""A CSV file: which rows it holds, and what is wrong with each of the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import marshmallow as ma

from api.csv_files import plain
from api.fields import Flag
from api.imports.kinds import Kind, Row
from api.limits import MOST_ROWS
from api.problems import Refusal, wrong_field

NAMED_IN_DETAIL: Final = 3
FLAGS: Final = {"true": True, "false": False}

Cells = tuple[int, list[str]]
Watch = Callable[[Sequence[Cells]], Iterable[Cells]]


class Line(NamedTuple):
    """A row of the file that is well formed, and the line on which it begins."""

    at: int
    row: Row


class Fault(NamedTuple):
    """What is wrong with a row."""

    at: int
    field: str
    detail: str


def parse(data: bytes, kind: Kind, watch: Watch = iter) -> tuple[list[Line], list[Fault]]:
    """The file's rows; `watch` sees how far it is. Errors: Refusal (422) when it is no such file as a whole."""
    try:
        rows = list(_rows(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)))
    except UnicodeDecodeError as error:
        raise wrong_field("body", "save the file as UTF-8") from error
    except csv.Error as error:
        raise wrong_field("body", f"this is no CSV file: {error}") from error
    schema = kind.schema()
    header = _header(rows, kind, schema)
    if not 1 <= len(rows) - 1 <= MOST_ROWS:
        raise wrong_field("body", f"the file has {len(rows) - 1} rows: send 1 to {MOST_ROWS}, and divide a larger one")
    return _judged(header, watch(rows[1:]), schema, kind.key)


def refusal(faults: Sequence[Fault], rows: int) -> Refusal:
    """Names every row that cannot be imported."""
    errors = [{"line": fault.at, "field": fault.field, "detail": fault.detail} for fault in sorted(faults)]
    bad = len({fault.at for fault in faults})
    first = "; ".join(f"line {each['line']}, {each['field']}: {each['detail']}" for each in errors[:NAMED_IN_DETAIL])
    detail = (
        f"{bad} of {rows} rows cannot be imported, so none was: {first}{'; …' if len(errors) > NAMED_IN_DETAIL else ''}"
    )
    return Refusal(422, "invalid-rows", detail, errors=errors)


def _rows(reader: Any) -> Iterator[Cells]:
    """Each row that is not empty, with the line on which it begins."""
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _header(rows: Sequence[Cells], kind: Kind, schema: ma.Schema) -> list[str]:
    """What is refused on purpose has a reason of its own. Other names are not repeated: one may be a password."""
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    for name, reason in kind.schema.refused.items():
        if name in header:
            raise wrong_field(name, reason)
    needed = [name for name in kind.columns if schema.fields[name].required]
    if not set(needed) <= set(header) <= set(kind.columns) or len(set(header)) < len(header):
        must = " and ".join(needed)
        detail = f"the first line names the columns: {','.join(kind.columns)} and no others, of which {must} must be"
        raise wrong_field("body", detail)
    return header


def _judged(
    header: Sequence[str], rows: Iterable[Cells], schema: ma.Schema, key: str | None
) -> tuple[list[Line], list[Fault]]:
    lines, faults, seen = [], [], dict[str, int]()
    for at, cells in rows:
        try:
            row = schema.load(_fields(header, cells, schema))
        except ma.ValidationError as error:
            faults += [Fault(at, name, str(reasons[0])) for name, reasons in error.messages_dict.items()]
            continue
        first = seen.setdefault(row[key].lower(), at) if key else at
        if first != at:
            faults.append(Fault(at, str(key), f"line {first} has it already"))
        lines.append(Line(at, row))
    return lines, faults


def _fields(header: Sequence[str], cells: Sequence[str], schema: ma.Schema) -> Row:
    """An empty cell is a field that is left out."""
    if len(cells) != len(header):
        raise ma.ValidationError({"row": [f"this has {len(cells)} fields, and the first line {len(header)}"]})
    texts = ((name, plain(cell.strip())) for name, cell in zip(header, cells, strict=True))
    return {name: _value(text, schema.fields[name]) for name, text in texts if text}


def _value(text: str, field: ma.fields.Field[Any]) -> str | bool:
    return FLAGS.get(text.lower(), text) if isinstance(field, Flag) else text
