"""Cells that a spreadsheet would run, and pages of a list as one file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import marshmallow as ma
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.csv_files import ROWS_A_PAGE, Row, csv_answer, harmless, pages_behind, plain


class Sample(ma.Schema):
    """Two columns."""

    n = ma.fields.Integer()
    text = ma.fields.String(allow_none=True)
    flag = ma.fields.Boolean()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", '=cmd|" /C calc"!A0', "+1415555010a", "＝1", "'=1"],  # noqa: RUF001
)
def test_what_a_spreadsheet_would_run_is_made_harmless(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["+14155550100", "+911", "911", "Acme", "a=b", "", "'quoted'", "192.0.2.7"])
def test_all_else_stays(text: str) -> None:
    assert harmless(text) == text
    assert plain(text) == text


@given(st.text("'=+-@a1\t"))
def test_an_import_gives_back_what_an_export_made_harmless(text: str) -> None:
    assert plain(harmless(text)) == text


def test_cells_are_quoted_as_RFC_4180_says() -> None:
    rows = [{"n": 1, "text": 'a "b", c\nd', "flag": True}, {"n": 2, "text": None, "flag": False}]
    text = csv_answer("sample", Sample, ("text", "n", "flag"), iter([rows])).get_data(as_text=True)
    assert text == 'text,n,flag\r\n"a ""b"", c\nd",1,true\r\n,2,false\r\n'


@pytest.mark.parametrize("count", [0, 1, ROWS_A_PAGE - 1, ROWS_A_PAGE, 2 * ROWS_A_PAGE + 1])
def test_every_row_is_there_once(count: int) -> None:
    def read(last: Row | None, limit: int) -> Sequence[Row]:
        begin = last["n"] + 1 if last else 0
        return [{"n": n, "text": None, "flag": True} for n in range(begin, min(begin + limit, count))]

    text = csv_answer("sample", Sample, ("n",), pages_behind(read)).get_data(as_text=True)
    assert [row["n"] for row in csv.DictReader(io.StringIO(text))] == [str(n) for n in range(count)]


def test_no_more_than_two_pages_are_read_ahead_of_the_reader() -> None:
    reads = 0

    def read(_last: Row | None, limit: int) -> Sequence[Row]:
        nonlocal reads
        reads += 1
        return [{"n": n} for n in range(limit)]

    parts = iter(csv_answer("sample", Sample, ("n",), pages_behind(read)).response)
    assert reads == 1
    next(parts)
    next(parts)
    assert reads == 1
    next(parts)
    assert reads == 2
