"""Every list, filter and page is read in the order of an index, at any number of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.bindings.store import BINDINGS_OF
from api.blocks.store import own_statement as own_blocks
from api.calls.store import USE
from api.cdrs.store import count_statements, statement
from api.database import SESSION
from api.events.store import own_statements as own_events
from api.regions.store import REPORT, SILENCE
from api.settings import Settings
from api.traffic import store as traffic
from api.usage.days import Place
from api.usage.store import LATEST, OF_TENANT, day_statement
from tests.integration.api.listing_rows import empty, fill
from tests.integration.api.listings import LISTINGS, MIDDLE, asked
from tests.integration.api.server import connected

Row = dict[str, Any]
Make = Callable[[], tuple[str, Row]]
ASKED = asked()
HOUR = MIDDLE - timedelta(hours=1)
NOT_FILTERS = {"limit", "after", "sort"}


@pytest.fixture(scope="module", autouse=True)
def many(settings: Settings) -> Iterator[None]:
    with connected(settings, "root") as root:
        fill(root)
        yield
        empty(root)


@pytest.fixture(scope="module")
def root(settings: Settings) -> Iterator[DictCursor]:
    """Asks as the API does."""
    with connected(settings, "root") as cursor:
        for each in SESSION:
            cursor.execute(each)
        yield cursor


def explained(root: DictCursor, sql: str, values: Row) -> list[Row]:
    root.execute(f"EXPLAIN {sql}", values)
    return [row for row in root.fetchall() if row["select_type"] != "UNION RESULT"]  # a page or two, which is sorted


def is_walked(plan: list[Row], index: str) -> bool:
    """Whether `index` is used, and nothing sorts; or MariaDB has looked a unique key up already, and found nothing."""
    if any("const table" in row["Extra"] for row in plan):
        return True
    slow = [row for row in plan if "filesort" in row["Extra"] or "temporary" in row["Extra"]]
    return index in [row["key"] for row in plan] and not slow


@pytest.mark.parametrize(("make", "index"), [pytest.param(*each, id=name) for name, *each in ASKED])
def test_each_filter_walks_an_index_in_its_order(root: DictCursor, make: Make, index: str) -> None:
    plan = explained(root, *make())
    assert is_walked(plan, index), plan


def test_no_list_and_no_filter_is_forgotten(anonymous: FlaskClient) -> None:
    paths = anonymous.get("/openapi.json").get_json()["paths"]
    for path, operations in paths.items():
        parameters = {each["name"]: each for each in operations.get("get", {}).get("parameters", ())}
        if "after" not in parameters or path == "/v1/usage":
            continue
        known = [listing for name, listing in LISTINGS.items() if name.split()[0] == path]
        assert {name for listing in known for name, *_ in listing.filters} == parameters.keys() - NOT_FILTERS, path
        sorts = {sort for listing in known for sort, _ in listing.sorts}
        assert "sort" not in parameters or sorts == set(parameters["sort"]["schema"]["enum"]), path


COMBINED: list[tuple[Row, str]] = [
    ({"region": "nw1", "direction": "inbound", "tenant": "t7", "answered": True, "since": HOUR}, "cdr_tenant"),
    ({"region": "nw1", "caller": "+14155557"}, "cdr_caller"),
    ({"answered": False, "caller": "+1*", "region": "nw1"}, "cdr_started"),
    ({"credential": "u7", "caller": "+1*"}, "cdr_username"),
]


@pytest.mark.parametrize("after", [None, (MIDDLE, "c-1")], ids=["first page", "next page"])
@pytest.mark.parametrize(("wanted", "index"), COMBINED, ids=[str(list(wanted)) for wanted, _ in COMBINED])
def test_filters_together_walk_the_index_that_leaves_fewest(
    root: DictCursor, wanted: Row, index: str, after: Any
) -> None:
    assert is_walked(explained(root, *statement(wanted, after, 51)), index)


@pytest.mark.parametrize(("name", "rare"), [("caller", "+141555577*"), ("callee", "+1212555777*")])
def test_a_rare_prefix_is_looked_up(root: DictCursor, name: str, rare: str) -> None:
    prefix = f"{name}_prefix"
    for wanted in ({name: rare}, {"caller": "+1*", "callee": "+1*"} | {name: rare}):
        (plan,) = explained(root, *statement(wanted, None, 51, [prefix]))
        assert plan["key"] == f"cdr_{name}"
        (*_, count) = explained(root, *count_statements(wanted)[prefix])
        assert (count["key"], "Using index" in count["Extra"]) == (f"cdr_{name}", True)


def test_live_calls_are_found_however_many_have_ended(root: DictCursor) -> None:
    make = LISTINGS["/v1/calls"].statement
    (plan,) = explained(root, *make({"region": "nw1", "credential": "cr-7", "tenant": "t7"}, None, 51))
    assert int(plan["rows"]) < 10


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({}, "event_username"),
        ({"region": "nw1"}, "event_region_username"),
        ({"rule": "R4", "region": "nw1"}, "event_rule_username"),
        ({"address": "192.0.2.7", "rule": "R4"}, "event_address_username"),
    ],
)
def test_events_of_a_tenant_are_counted_by_indexes_alone(root: DictCursor, wanted: Row, index: str) -> None:
    *before, last = own_events(wanted | {"scope": "t7"})
    plan = explained(root, *last)
    assert [row["key"] for row in plan] == ["credential_tenant_by_username", index]
    assert all("Using index" in row["Extra"] for row in plan)
    for statement_before in before:
        assert [row["Extra"] for row in explained(root, *statement_before)] == ["Using where; Using index"]


def test_blocks_of_a_tenant_are_counted_by_indexes_alone(root: DictCursor) -> None:
    plan = explained(root, *own_blocks("t7"))
    assert [row["key"] for row in plan] == ["credential_tenant_by_username", "block_of_username"]
    assert all("Using index" in row["Extra"] for row in plan)


def test_usage_walks_an_index(root: DictCursor) -> None:
    span = {"first": MIDDLE.date(), "last": MIDDLE.date(), "tenant": "t7", "limit": 51}
    assert is_walked(explained(root, *day_statement(Place(MIDDLE.date(), "t7 inbound"), 51)), "PRIMARY")
    assert is_walked(explained(root, OF_TENANT, span), "usage_tenant")
    (plan,) = explained(root, LATEST, span)
    assert "optimized away" in plan["Extra"] or "No matching" in plan["Extra"]


SPAN: Row = {"since": MIDDLE - timedelta(days=1), "until": MIDDLE, "step": 900, "regions": ["nw1", "se1"]}


@pytest.mark.parametrize(
    "sql",
    [
        traffic.LEVELS_STATEMENT,
        traffic.STARTED_STATEMENT,
        *(traffic.refusals_statement(sql, step) for sql in (traffic.REFUSED, traffic.REFUSALS) for step in (60, 900)),
    ],
    ids=["levels", "started", "refused of an hour", "refused of a day", "refusals of an hour", "refusals of a day"],
)
def test_traffic_is_read_from_its_minutes_alone(root: DictCursor, sql: str) -> None:
    (plan,) = explained(root, sql, SPAN)
    assert (plan["key"], plan["type"]) == ("PRIMARY", "range")


def test_calls_per_second_of_a_region_are_counted_by_an_index_alone(root: DictCursor) -> None:
    (plan,) = [row for row in explained(root, REPORT, {"silence": SILENCE}) if row["table"] == "cdr"]
    assert (plan["key"], plan["type"]) == ("cdr_started", "range")
    assert "Using index" in plan["Extra"]


def test_what_is_live_about_a_page_of_credentials_is_found_by_indexes(root: DictCursor) -> None:
    page = {"credentials": [f"cr-{n}" for n in range(500)], "usernames": [f"u{n}" for n in range(500)]}
    used = {row["key"]: row for row in explained(root, USE, page) if row["table"] == "cdr"}
    assert used.keys() == {"cdr_credential_live", "cdr_credential"}
    assert all(row["type"] == "range" for row in used.values())
    assert "Using index" in used["cdr_credential_live"]["Extra"]
    (bindings, _) = explained(root, BINDINGS_OF, page)
    assert (bindings["key"], bindings["type"]) == ("binding_username", "range")
