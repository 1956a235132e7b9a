"""What a page shows of a file that would be imported."""

from typing import Any

from api.portal.previews import LONGEST_SHOWN, MOST_SHOWN, digest_of, preview_of

Row = dict[str, Any]


def right(line: int) -> Row:
    return {"line": line, "makes": {"label": f"row {line}"}, "errors": []}


def wrong(line: int) -> Row:
    return {"line": line, "makes": None, "errors": [{"field": "label", "detail": "write something"}]}


def report(*items: Row) -> Row:
    return {"rows": len(items), "wrong": sum(bool(item["errors"]) for item in items), "items": list(items)}


def test_wrong_rows_come_first_each_as_it_was_sent() -> None:
    content = b'\xef\xbb\xbflabel\r\nfine\r\n"a ""quoted"", cell",x\r\nfine\r\n,,\r\n'
    shown = preview_of(report(right(2), wrong(3), right(4), wrong(5)), content)
    assert [row["line"] for row in shown["items"]] == [3, 5, 2, 4]
    assert [row["text"] for row in shown["items"][:2]] == ['"a ""quoted"", cell",x', ",,"]
    assert (shown["rows"], shown["wrong"], shown["left_out"]) == (4, 2, 0)


def test_lines_are_counted_as_the_reader_of_the_file_counts_them() -> None:
    content = "label\n\u2028one\x0blabel\rtwo\n".encode()  # only CR and LF end a line
    shown = preview_of(report(wrong(2), wrong(3)), content)
    assert [row["text"] for row in shown["items"]] == ["\u2028one\x0blabel", "two"]


def test_a_page_has_a_part_of_many_rows_and_of_a_long_one() -> None:
    many = [right(line) for line in range(2, 1002)]
    shown = preview_of(report(*many, wrong(1002)), b"label\n" + b"x\n" * 1000 + b"y" * 1000)
    assert len(shown["items"]) == MOST_SHOWN
    assert shown["left_out"] == 1001 - MOST_SHOWN
    assert shown["items"][0]["text"] == "y" * LONGEST_SHOWN + "\N{HORIZONTAL ELLIPSIS}"


def test_a_line_that_the_file_does_not_have_is_empty_and_bytes_that_are_no_text_are_shown() -> None:
    shown = preview_of(report(wrong(1), wrong(7)), b"\xff\xfe")
    assert [row["text"] for row in shown["items"]] == ["\ufffd\ufffd", ""]


def test_a_file_that_was_changed_has_another_digest() -> None:
    assert digest_of(b"label\nA\n") == digest_of(b"label\nA\n") != digest_of(b"label\nB\n")
