"""Rows of `cdr` as an agent writes them, over its account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.server import connected

Row = dict[str, Any]
Call = Callable[..., str]
NOON = datetime.fromisoformat("2026-01-31T12:00:00")
"""When calls start unless told; `after` counts in seconds from it."""
USUAL: Row = {
    "region": "nw1",
    "direction": "outbound",
    "credential": "cr-usual",
    "username": "usual",
    "tenant": "acme-42",
    "caller": "+14155550100",
    "callee": "+12125550123",
    "address": "192.0.2.7",
    "port": 5062,
    "core": "192.0.2.200:5060",
    "call_id": "call-id",
}


@pytest.fixture
def agent(settings: Settings) -> Iterator[DictCursor]:
    """The account of region nw1."""
    with connected(settings, "region-nw1") as cursor:
        yield cursor


@pytest.fixture
def call(agent: DictCursor, root: DictCursor) -> Iterator[Call]:
    """Writes an answered call of a minute; `after`, `answered` and `ended` are seconds from noon, or None."""

    def write(name: str, after: float = 0, answered: float | None = 5, ended: float | None = 65, **more: Any) -> str:
        row = USUAL | {"id": name, "started_at": NOON + timedelta(seconds=after)}
        row |= {"answered_at": None if answered is None else row["started_at"] + timedelta(seconds=answered)}
        if ended is not None:
            row |= {"ended_at": row["started_at"] + timedelta(seconds=ended), "ended_by": "caller", "code": 200}
        row |= more
        marks = ", ".join(f"%({column})s" for column in row)
        agent.execute(f"INSERT INTO cdr ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608
        return name

    root.execute("DELETE FROM cdr")
    yield write
    root.execute("DELETE FROM cdr")


def items(client: FlaskClient, path: str, **query: Any) -> list[Row]:
    answer = client.get(f"/v1/{path}", query_string=query)
    assert answer.status_code == 200, answer.text
    rows: list[Row] = answer.get_json()["items"]
    return rows


def ids(client: FlaskClient, path: str, **query: Any) -> list[str]:
    return [row["id"] for row in items(client, path, **query)]


def every_page(client: FlaskClient, path: str, **query: Any) -> list[Row]:
    rows: list[Row] = []
    while True:
        page = client.get(f"/v1/{path}", query_string=query).get_json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        query["after"] = page["next"]
