"""A CSV file of numbers: which rows it holds, and what is wrong with each of the others."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import marshmallow as ma

from api.csv_files import plain
from api.numbers.schema import NewNumber
from api.problems import Refusal, wrong_field

COLUMNS: Final = ("number", "label", "tenant", "credential")
MOST_ROWS: Final = 10_000
LARGEST: Final = 4 * 1024 * 1024
"""Bytes."""
NAMED_IN_DETAIL: Final = 3


class Line(NamedTuple):
    """A row of the file that is well formed, and the line on which it begins."""

    at: int
    number: dict[str, Any]


class Fault(NamedTuple):
    """What is wrong with a row."""

    at: int
    field: str
    detail: str


class Users(NamedTuple):
    """What a database knows of the names in a file."""

    tenants: Mapping[str, str]
    """Account IDs by themselves in lower case."""
    credentials: Mapping[str, str]
    """Ids by id and by username."""
    existing: set[str]
    """Numbers that are somebody's already."""


def parse(data: bytes) -> tuple[list[Line], list[Fault]]:
    """The file's rows. Errors: Refusal (422) when it is no such file as a whole."""
    try:
        rows = list(_rows(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)))
    except UnicodeDecodeError as error:
        raise wrong_field("body", "save the file as UTF-8") from error
    except csv.Error as error:
        raise wrong_field("body", f"this is no CSV file: {error}") from error
    header = _header(rows)
    if not 1 <= len(rows) - 1 <= MOST_ROWS:
        raise wrong_field("body", f"the file has {len(rows) - 1} rows: send 1 to {MOST_ROWS}, and divide a larger one")
    return _judged(header, rows[1:])


def settle(lines: Sequence[Line], users: Users) -> tuple[list[dict[str, Any]], list[Fault]]:
    """The numbers with their users' names as those were created, and what cannot be."""
    faults = [fault for line in lines for fault in _unknown(line, users)]
    return [_settled(line.number, users) for line in lines] if not faults else [], faults


def refusal(faults: Sequence[Fault], rows: int) -> Refusal:
    """Names every row that cannot be imported."""
    errors = [{"line": fault.at, "field": fault.field, "detail": fault.detail} for fault in sorted(faults)]
    bad = len({fault.at for fault in faults})
    first = "; ".join(f"line {each['line']}, {each['field']}: {each['detail']}" for each in errors[:NAMED_IN_DETAIL])
    detail = (
        f"{bad} of {rows} rows cannot be imported, so none was: {first}{'; …' if len(errors) > NAMED_IN_DETAIL else ''}"
    )
    return Refusal(422, "invalid-rows", detail, errors=errors)


def _rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line on which it begins."""
    begins = 1
    for row in reader:
        if row:
            yield begins, row
        begins = reader.line_num + 1


def _header(rows: Sequence[tuple[int, list[str]]]) -> list[str]:
    header = [name.strip().lower() for name in rows[0][1]] if rows else []
    if "number" not in header or not set(header) <= set(COLUMNS) or len(set(header)) < len(header):
        raise wrong_field("body", f"the first line names the columns: {','.join(COLUMNS)}, of which number must be")
    return header


def _judged(header: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> tuple[list[Line], list[Fault]]:
    schema, lines, faults, seen = NewNumber(), [], [], dict[str, int]()
    for at, row in rows:
        try:
            number = schema.load(_fields(header, row))
        except ma.ValidationError as error:
            faults += [Fault(at, name, str(reasons[0])) for name, reasons in error.messages_dict.items()]
            continue
        first = seen.setdefault(number["number"], at)
        if first != at:
            faults.append(Fault(at, "number", f"line {first} has it already"))
        lines.append(Line(at, number))
    return lines, faults


def _fields(header: Sequence[str], row: Sequence[str]) -> dict[str, Any]:
    if len(row) != len(header):
        raise ma.ValidationError({"row": [f"this has {len(row)} fields, and the first line {len(header)}"]})
    return {name: plain(cell.strip()) or None for name, cell in zip(header, row, strict=True)}


def _unknown(line: Line, users: Users) -> Iterator[Fault]:
    tenant, credential = line.number["tenant"], line.number["credential"]
    if line.number["number"] in users.existing:
        yield Fault(line.at, "number", "there is this number already")
    if tenant is not None and tenant.lower() not in users.tenants:
        yield Fault(line.at, "tenant", f"there is no tenant {tenant}")
    if credential is not None and credential not in users.credentials:
        yield Fault(line.at, "credential", f"there is no credential {credential}")


def _settled(number: dict[str, Any], users: Users) -> dict[str, Any]:
    tenant, credential = number["tenant"], number["credential"]
    return number | {
        "tenant": None if tenant is None else users.tenants[tenant.lower()],
        "credential": None if credential is None else users.credentials[credential],
    }
