"""Orders of lists, and the cursors that lead from page to page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from api.paging import Key, orders, page, place_of, write_cursor
from api.problems import Refusal

MOMENT = datetime.fromisoformat("2026-01-31T12:00:00.123")
ORDERS = orders("-at", "at", "n", at=(Key("at", "t.at", datetime), Key("id", "t.uid", str)), n=(Key("n", "t.n", int),))


def test_the_first_order_is_the_usual_one() -> None:
    found = page([{"at": MOMENT, "id": "a"}, {"at": MOMENT, "id": "b"}], {"limit": 1}, ORDERS)
    assert place_of({"after": found["next"]}, ORDERS) == (MOMENT, "a")
    assert place_of({"after": found["next"], "sort": "-at"}, ORDERS) == (MOMENT, "a")
    assert page([{"at": MOMENT, "id": "a"}], {"limit": 1}, ORDERS)["next"] is None


def test_what_lies_behind_a_place_follows_the_order() -> None:
    assert ORDERS["-at"].clause(["t.x = 1"], (MOMENT, "a")) == (
        " WHERE t.x = 1 AND t.at <= %(behind_0)s AND (t.at < %(behind_0)s OR t.uid < %(behind_1)s)"
        " ORDER BY t.at DESC, t.uid DESC LIMIT %(limit)s"
    )
    assert ORDERS["n"].clause([], (7,)) == " WHERE t.n > %(behind_0)s ORDER BY t.n LIMIT %(limit)s"
    assert ORDERS["n"].clause([], None) == " WHERE TRUE ORDER BY t.n LIMIT %(limit)s"
    assert ORDERS["at"].values((MOMENT, "a"), 5) == {"limit": 5, "behind_0": MOMENT, "behind_1": "a"}


@pytest.mark.parametrize(
    ("sort", "after"),
    [
        ("at", write_cursor("-at", MOMENT, "a")),
        ("-at", write_cursor("-id", MOMENT, "a")),
        ("-at", write_cursor("-at", MOMENT)),
        ("-at", write_cursor("-at", MOMENT, "a", "b")),
        ("-at", write_cursor("-at", MOMENT, 7)),
        ("-at", write_cursor("-at", "yesterday", "a")),
        ("-at", write_cursor("-at", 7, "a")),
        ("-at", write_cursor("-at", MOMENT, "\ud800")),
        ("n", write_cursor("n", -1)),
        ("n", write_cursor("n", 2**63)),
        ("n", write_cursor("n", True)),
        ("n", write_cursor()),
        ("n", "x"),
        ("n", "bnVsbA"),
        ("n", "W" * 50_000),
    ],
)
def test_a_cursor_of_another_list_or_sort_is_refused(sort: str, after: Any) -> None:
    with pytest.raises(Refusal) as refused:
        place_of({"sort": sort, "after": after}, ORDERS)
    assert (refused.value.status, refused.value.kind) == (404, "unknown-page")
