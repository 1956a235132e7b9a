"""A CSV file for an import: what it holds and what is wrong with each other row."""

from __future__ import annotations

from typing import Any

import pytest

from api.credentials.files import CREDENTIALS
from api.imports.kinds import Kind
from api.imports.parsing import Fault, parse, refusal
from api.imports.settling import Known, Sheet, settle
from api.limits import MOST_ROWS
from api.numbers.files import NUMBERS
from api.problems import Refusal
from api.tenants.files import TENANTS

HEADER = "number,label,tenant,credential\r\n"


def number(name: str, **more: Any) -> dict[str, Any]:
    return {"number": name, "label": None, "tenant": None, "credential": None} | more


def parsed(text: str) -> list[dict[str, Any]]:
    lines, faults = parse(text.encode(), NUMBERS)
    assert faults == []
    return [line.row for line in lines]


def faults(text: str, kind: Kind = NUMBERS) -> list[tuple[int, str]]:
    return [(fault.at, fault.field) for fault in parse(text.encode(), kind)[1]]


def test_a_file_holds_numbers() -> None:
    text = HEADER + '+14155550100,"Front desk, 1st",acme-42,k3v8n2mq7x4t\r\n\r\n+14155550101,,,\r\n'
    first = number("+14155550100", label="Front desk, 1st", tenant="acme-42", credential="k3v8n2mq7x4t")
    assert parsed(text) == [first, number("+14155550101")]


@pytest.mark.parametrize(
    "text",
    [
        "number\n+14155550100",
        "\ufeffNumber\r\n+14155550100\r\n",
        "tenant,number\n,+14155550100\n",
        'number,label\n" +14155550100 ", \n',
    ],
)
def test_columns_may_be_left_out_and_come_in_any_order(text: str) -> None:
    assert parsed(text) == [number("+14155550100")]


def test_what_an_export_made_harmless_is_plain_again() -> None:
    assert parsed("number,label\n+14155550100,'=1+1\n") == [number("+14155550100", label="=1+1")]


def test_each_wrong_row_is_named_with_its_line() -> None:
    text = HEADER + '+14155550100,"two words",,\n4155550100,,,\n+14155550102,,a b,\n+14155550103,x\n+14155550100,,,\n'
    assert faults(text) == [(3, "number"), (4, "tenant"), (5, "row"), (6, "number")]


def test_a_row_of_two_lines_begins_on_its_first() -> None:
    assert faults('number,label\n+14155550100,"a\nb"\n+1,x\n') == [(2, "label"), (4, "number")]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        HEADER.encode(),
        b"label\nx\n",
        b"number,colour\n+14155550100,red\n",
        b"number,number\n+14155550100,+14155550101\n",
        b"number\n\xff\xfe\n",
        b'number\n"x"y\n',
        b'number\n"' + b"x" * 200_000,
        b"number\n" + b"+14155550100\n" * (MOST_ROWS + 1),
        b"+14155550100\n",
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal, match="body:") as refused:
        parse(data, NUMBERS)
    assert refused.value.status == 422


@pytest.mark.parametrize(("column", "rule"), [("username", "C1"), ("password", "C1"), ("HA1", "C1"), ("alerts", "C6")])
def test_C1_C6_columns_that_no_credential_takes_are_refused_with_their_reason(column: str, rule: str) -> None:
    with pytest.raises(Refusal, match=f"{column.lower()}: .*rule {rule}"):
        parse(f"label,{column}\nx,secret\n".encode(), CREDENTIALS)


def test_a_column_that_is_none_is_not_repeated() -> None:
    with pytest.raises(Refusal) as refused:
        parse(b"hunter2\n", CREDENTIALS)
    assert "hunter2" not in refused.value.detail


def test_a_credential_is_enabled_unless_told() -> None:
    lines, wrong = parse(b"label,tenant,enabled\na,,TRUE\nb,,false\nc,,\nd,,perhaps\n,,\n", CREDENTIALS)
    assert [(line.row["label"], line.row["enabled"]) for line in lines] == [("a", True), ("b", False), ("c", True)]
    assert [(fault.at, fault.field) for fault in wrong] == [(5, "enabled"), (6, "label")]


def test_T1_account_ids_are_the_same_in_any_case() -> None:
    assert faults("account_id,name\nacme,x\nACME,x\na b,x\n", TENANTS) == [(3, "account_id"), (4, "account_id")]


def test_whoever_looks_sees_how_far_it_is() -> None:
    seen = []

    def watch(rows: Any) -> Any:
        for row in rows:
            seen.append(row[0])
            yield row

    parse(b"number\n+14155550100\nx\n", NUMBERS, watch)
    assert seen == [2, 3]


KNOWN = Known(
    {"tenant": {"ACME-42": "Acme-42"}, "credential": {"cr-1": "cr-1", "k3v8": "cr-1"}},
    {"+14155550199": "+14155550199"},
)


def settled(text: str) -> Sheet:
    return settle(NUMBERS, parse(HEADER.encode() + text.encode(), NUMBERS)[0], KNOWN)


def test_names_become_those_that_were_created() -> None:
    sheet = settled("+14155550100,,ACME-42,k3v8\n+14155550101,,,cr-1\n")
    first = number("+14155550100", tenant="Acme-42", credential="cr-1")
    assert [line.row for line in sheet.lines] == [first, number("+14155550101", credential="cr-1")]
    assert sheet.faults == []


def test_unknown_names_and_existing_numbers_are_named() -> None:
    sheet = settled("+14155550100,,nobody,cr-2\n+14155550199,,,\n")
    assert [(fault.at, fault.field) for fault in sheet.faults] == [(2, "tenant"), (2, "credential"), (3, "number")]


def test_a_report_has_every_row() -> None:
    sheet = settled("+14155550100,,,\n+14155550199,,nobody,\n")
    report = Sheet(sheet.lines, [*sheet.faults, Fault(4, "row", "so")]).report()
    assert (report["rows"], report["wrong"]) == (3, 2)
    assert report["items"] == [
        {"line": 2, "makes": number("+14155550100"), "errors": []},
        {
            "line": 3,
            "makes": None,
            "errors": [
                {"field": "number", "detail": "there is this number already"},
                {"field": "tenant", "detail": "there is no tenant nobody"},
            ],
        },
        {"line": 4, "makes": None, "errors": [{"field": "row", "detail": "so"}]},
    ]


def test_the_refusal_counts_rows_and_names_all_of_them() -> None:
    wrong = [Fault(at, field, "so") for at in (5, 2) for field in ("tenant", "number")]
    refused = refusal(wrong, 7)
    assert refused.detail.startswith("2 of 7 rows cannot be imported, so none was: line 2, number: so; line 2, tenant")
    assert [(each["line"], each["field"]) for each in refused.more["errors"]] == [
        (2, "number"),
        (2, "tenant"),
        (5, "number"),
        (5, "tenant"),
    ]
