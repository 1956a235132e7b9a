"""What a diagnosis asks MariaDB is found by indexes, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from pymysql.cursors import DictCursor

from api.database import SESSION
from api.diagnosis import reading, store
from api.limits import LimitSettings
from api.settings import Settings
from tests.integration.api.listing_rows import empty, fill
from tests.integration.api.server import connected

Row = dict[str, Any]
KNOWN: Row = {"id": "cr-7", "username": "u7", "tenant": "t7", "scope": None, "recent": 900}
STATEMENTS: dict[str, tuple[str, Row]] = {
    "credential": (store.CREDENTIAL, KNOWN),
    "uses": (store.USES, KNOWN),
    "binding": (store.bindings_statement("binding"), KNOWN),
    "binding_past": (store.bindings_statement("binding_past"), KNOWN),
    "events": (store.events_statement(), KNOWN),
    "counted": (store.COUNTED, KNOWN | {"rule": "R4", "most": store.COUNTED_EVENTS}),
    "blocks": next(store.blocks_statements("u7", ())),
    "blocks of addresses": list(store.blocks_statements("u7", ["192.0.2.7", "192.0.2.8"]))[1],
    "live calls": (store.LIVE_CALLS, KNOWN),
    "sent calls": (store.SENT_CALLS, KNOWN),
    "calls": (store.calls_statement(), KNOWN),
    "numbers": (store.numbers_statement(), KNOWN),
    "unrouted": (store.unrouted_statement(), KNOWN),
    "calls in vain": (store.CALLS_IN_VAIN, {"numbers": [f"+1415555{n}" for n in range(100)]}),
}


@pytest.fixture(scope="module")
def asking(settings: Settings) -> Iterator[DictCursor]:
    """As the API does, with 20,000 rows of everything."""
    with connected(settings, "root") as root:
        fill(root)
        for each in SESSION:
            root.execute(each)
        yield root
        empty(root)


@pytest.mark.parametrize("name", STATEMENTS)
def test_each_fact_is_found_by_an_index(asking: DictCursor, name: str) -> None:
    sql, values = STATEMENTS[name]
    asking.execute(f"EXPLAIN {sql}", values)
    plan = [row for row in asking.fetchall() if row["table"] and not str(row["table"]).startswith("<")]
    for row in plan:
        assert row["key"], plan
        assert int(row["rows"]) < 5000, plan


def test_reading_takes_little(asking: DictCursor) -> None:
    took = []
    for _ in range(15):
        begun = perf_counter()
        assert reading.read_facts(asking, "cr-7", None, LimitSettings())
        took.append(perf_counter() - begun)
    assert median(took) < 0.5
