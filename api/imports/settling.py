"""The rows of a file against what a database knows: who is named must be there, and what is to be made must not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pymysql.cursors import DictCursor

from api.imports.kinds import Kind, Row
from api.imports.parsing import Fault, Line


class Known(NamedTuple):
    """What a database knows of the names in a file."""

    references: Mapping[str, Mapping[str, str]]
    """By column: what each name stands for."""
    existing: Mapping[str, str]


class Sheet(NamedTuple):
    """A file's rows that are well formed, settled as far as they can be, and what is wrong with it."""

    lines: list[Line]
    faults: list[Fault]

    @property
    def rows(self) -> int:
        """How many there are, good and bad."""
        return len({line.at for line in self.lines} | {fault.at for fault in self.faults})

    def report(self) -> dict[str, Any]:
        """For every row what would be made of it, or what is wrong with it."""
        errors: dict[int, list[Row]] = {}
        for fault in sorted(self.faults):
            errors.setdefault(fault.at, []).append({"field": fault.field, "detail": fault.detail})
        makes = {line.at: line.row for line in self.lines if line.at not in errors}
        items = [
            {"line": at, "makes": makes.get(at), "errors": errors.get(at, [])}
            for at in sorted(makes.keys() | errors.keys())
        ]
        return {"rows": self.rows, "wrong": len(errors), "items": items}


def look_up(cursor: DictCursor, kind: Kind, lines: Sequence[Line]) -> Known:
    """Asks for the names in the file, and locks what they stand for."""
    references = {column: each.find(cursor, _names(lines, column)) for column, each in kind.references.items()}
    return Known(references, kind.existing(cursor, _names(lines, kind.key)) if kind.existing and kind.key else {})


def settle(kind: Kind, lines: Sequence[Line], known: Known) -> Sheet:
    """The rows with what they name as that was created."""
    faults = [fault for line in lines for fault in _faults(kind, line, known)]
    return Sheet([Line(line.at, line.row | _settled(kind, line, known)) for line in lines], faults)


def _names(lines: Sequence[Line], column: str) -> list[str]:
    """In order, so that two imports lock in the same one; what is not ASCII is nobody's name."""
    return sorted({str(name) for line in lines if (name := line.row[column]) is not None and name.isascii()})


def _faults(kind: Kind, line: Line, known: Known) -> Iterator[Fault]:
    if kind.key and line.row[kind.key] in known.existing:
        yield Fault(line.at, kind.key, f"there is this {kind.what} already")
    for column, found in known.references.items():
        name = line.row[column]
        if name is not None and name not in found:
            yield Fault(line.at, column, f"there is no {column} {name}")


def _settled(kind: Kind, line: Line, known: Known) -> Row:
    names = {column: line.row[column] for column in kind.references}
    return {
        column: kind.references[column].unnamed() if name is None else known.references[column].get(name)
        for column, name in names.items()
    }
