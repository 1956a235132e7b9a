"""Unified diffs as lines with numbers."""

from api.configurations.differing import differences
from api.portal.diffs import Line, read_diff, read_files, visible


def differing(before: str, after: str) -> list[Line]:
    (file,) = differences({"a.cfg": before}, {"a.cfg": after}, ("old", "new"))
    return read_diff(file["diff"])


def test_lines_have_the_numbers_of_both_texts() -> None:
    assert differing("one\ntwo\nthree\n", "one\n2\nthree\nfour\n") == [
        Line("place", None, None, "@@ -1,3 +1,4 @@"),
        Line("kept", 1, 1, "one"),
        Line("removed", 2, None, "two"),
        Line("added", None, 2, "2"),
        Line("kept", 3, 3, "three"),
        Line("added", None, 4, "four"),
    ]


def test_each_hunk_counts_from_its_place() -> None:
    before = [f"line {number}" for number in range(1, 41)]
    after = [line.replace("line 3", "LINE 3") if line in ("line 3", "line 38") else line for line in before]
    changed = [line for line in differing("\n".join(before) + "\n", "\n".join(after) + "\n") if line.kind == "added"]
    assert changed == [Line("added", None, 3, "LINE 3"), Line("added", None, 38, "LINE 38")]


def test_lines_that_look_like_headings_are_lines() -> None:
    found = differing("-- SQL\n@@ -1 +1 @@\n", "++ more\n")
    assert Line("removed", 1, None, "-- SQL") in found
    assert Line("removed", 2, None, "@@ -1 +1 @@") in found
    assert Line("added", None, 1, "++ more") in found


def test_an_end_without_a_line_feed_is_told() -> None:
    assert differing("one\n", "one")[-1] == Line("note", None, None, " No newline at end of file")


def test_what_cannot_be_seen_is_spelled() -> None:
    assert visible("a\tb\r\u202ec") == "a\tb\u27e8U+000D\u27e9\u27e8U+202E\u27e9c"


def test_files_have_counts() -> None:
    found = read_files(differences({"a": "1\n2\n"}, {"a": "1\n3\n4\n", "b": "x\n"}, ("old", "new")))
    assert [(file["name"], file["state"], file["added"], file["removed"]) for file in found] == [
        ("a", "changed", 2, 1),
        ("b", "added", 1, 0),
    ]
