"""Lists as CSV files (RFC 4180), which may end in a spreadsheet: that runs what looks like a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Final

import marshmallow as ma
from flask import Response

ROWS_A_PAGE: Final = 1000
MEDIA_TYPE: Final = "text/csv"
FORMULA: Final = re.compile(r"'*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet would run (full-width signs included), or that was made harmless already."""
DIGITS: Final = re.compile(r"\+[0-9]+")

Row = Mapping[str, Any]
Pages = Iterator[Sequence[Row]]


def csv_answer(name: str, schema: type[ma.Schema], columns: Sequence[str], pages: Pages) -> Response:
    """The rows of `pages` as `schema` writes them, page by page, in bounded memory.

    The first page is read at once, so that its errors are answers. One that comes later breaks the transfer off.
    """
    first = next(pages, ())
    writer = schema(only=columns)
    texts = (_rows(columns, writer.dump(page, many=True)) for page in chain([first], pages))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Response(chain([_lines([columns])], texts), mimetype=MEDIA_TYPE, headers=headers)


def whole(answer: Response, status: int) -> Response:
    """`answer` with its length, so that the receiver sees whether it broke off."""
    answer.make_sequence()
    answer.status_code = status
    return answer


def pages_behind(read: Callable[[Row | None, int], Sequence[Row]]) -> Pages:
    """Every page of a list; `read` gives up to so many rows behind the row that is named, from the first for None."""
    last: Row | None = None
    while rows := read(last, ROWS_A_PAGE):
        yield rows
        if len(rows) < ROWS_A_PAGE:
            return
        last = rows[-1]


def harmless(text: str) -> str:
    """`text` for a spreadsheet: with an apostrophe before what it would run. A plus and digits stay as they are."""
    return f"'{text}" if FORMULA.match(text) and not DIGITS.fullmatch(text) else text


def plain(text: str) -> str:
    """What `harmless` made of a text, undone."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def _rows(columns: Sequence[str], rows: Sequence[Row]) -> str:
    return _lines([[_cell(row[name]) for name in columns] for row in rows])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(str(value))


def _lines(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
