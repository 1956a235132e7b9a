"""Asks the API's lists over its WSGI application, and MariaDB how it goes about it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from pymysql.cursors import Cursor, DictCursor

from tests.bench.lists import samples

Query = dict[str, Any]
PAGED = "after"
NOT_FILTERS = {"limit", "after", "sort"}
USUAL_ORDER = {"/v1/bindings": "username", "/v1/audit": "-id", "/v1/keys": "-created_at", "/v1/usage": "-day"}
"""Of lists that have one only."""
DIAGNOSIS = "/v1/credentials/{credential_id}/diagnosis"
DIAGNOSED = (0, 1, 37, 4242, 31337, 99_999)
IN_ONE_PIECE = ("/v1/regions", "/v1/user-agents", "/v1/cores", "/v1/emergency-numbers")


@dataclass(frozen=True)
class Case:
    """A request: who asks, for what."""

    path: str
    query: Query
    about: str
    tenant: str | None = None

    def __str__(self) -> str:
        filters = " ".join(f"{name}={value}" for name, value in self.query.items() if name != PAGED)
        return " ".join(filter(None, (self.path.removeprefix("/v1/"), filters, self.about)))


@dataclass(frozen=True)
class Timing:
    """How long a request took, in milliseconds; how many rows it gave; which indexes MariaDB said that it uses."""

    case: Case
    median: float
    p95: float
    rows: int
    index: str


def cases(document: Mapping[str, Any], bound: bool) -> Iterator[Case]:
    """Every list of the OpenAPI document but those within one thing, which are short; with `bound`, as a tenant asks.

    Errors: KeyError for an unknown filter.
    """
    for path, operations in document["paths"].items():
        if "{" in path:
            continue
        parameters = {each["name"]: each for each in operations.get("get", {}).get("parameters", ())}
        if PAGED in parameters:
            allowed = not bound or not path.endswith(("/keys", "/audit", "/users"))
            yield from _of_list(path, parameters, bound) if allowed else ()
        elif path in IN_ONE_PIECE and not bound:
            yield Case(path, {}, "")
        elif path == DIAGNOSIS and not bound:
            for n in DIAGNOSED:
                yield Case(path.format(credential_id=samples.credential(n)), {}, "")


def _of_list(path: str, parameters: Mapping[str, Any], bound: bool) -> Iterator[Case]:
    sorts = parameters["sort"]["schema"]["enum"] if "sort" in parameters else [USUAL_ORDER[path]]
    named = "sort" in parameters
    for tenant in samples.TENANTS if bound else (None,):
        for query in _queries(path, parameters.keys() - NOT_FILTERS):
            for sort in sorts:
                yield Case(path, query | ({"sort": sort} if named else {}), "", tenant)
            for about, after in zip(("deep inside", "near the end"), samples.cursors(path, sorts[0]), strict=True):
                yield Case(path, query | {PAGED: after}, about, tenant)
        for sort in sorts[1:]:
            for about, after in zip(("deep inside", "near the end"), samples.cursors(path, sort), strict=True):
                yield Case(path, {"sort": sort, PAGED: after}, about, tenant)
        yield Case(path, {"limit": 500}, "", tenant)


def _queries(path: str, filters: set[str]) -> Iterator[Query]:
    yield {}
    for name in sorted(filters):
        for value in samples.SPECIAL.get(path, {}).get(name, samples.VALUES[name]):
            yield {name: value}
    yield from samples.COMBINED.get(path, ())


def ask(client: FlaskClient, case: Case, times: int) -> tuple[list[float], int]:
    """Milliseconds of each request, and how many rows the last one gave."""
    took, rows = [], 0
    for _ in range(times):
        begun = time.perf_counter()
        answer = client.get(case.path, query_string=case.query)
        took.append(1000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (case, answer.text)
        document = answer.get_json()
        rows = len(document["items"] if "items" in document else document["findings"])
    return took, rows


def measured(client: FlaskClient, cursor: Cursor, case: Case, times: int) -> Timing:
    """One case; the first request, which is not counted, tells what MariaDB was asked."""
    with _overheard() as statements:
        ask(client, case, 1)
    took, rows = ask(client, case, times)
    p95 = statistics.quantiles(took, n=20)[-1]
    return Timing(case, statistics.median(took), p95, rows, _indexes(cursor, statements))


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """The statements that any DictCursor executes."""
    heard: list[str] = []
    execute = DictCursor.execute

    def listening(cursor: DictCursor, query: str, values: Any = None) -> int:
        heard.append(cursor.mogrify(query, values))
        return execute(cursor, query, values)

    DictCursor.execute = listening  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        DictCursor.execute = execute  # type: ignore[method-assign]


def _indexes(cursor: Cursor, statements: list[str]) -> str:
    """Those of the last statement, which reads the page; in brackets what sorts."""
    found: dict[str, None] = {}
    cursor.execute(f"EXPLAIN {statements[-1]}")
    for row in cursor.fetchall():
        key, extra = row[5], str(row[-1])
        slow = [word for word in ("filesort", "temporary") if word in extra]
        found[f"{key} ({', '.join(slow)})" if slow else str(key)] = None
    return ", ".join(name for name in found if name != "None")
