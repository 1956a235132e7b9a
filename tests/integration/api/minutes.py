"""What agents write that becomes traffic, and traffic as the API tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from api.traffic.store import TABLES
from kemi.agent.calls import Call
from kemi.agent.statements import PUT_CALL
from tests.integration.api.server import connected

Row = dict[str, Any]
Tell = Callable[..., None]
MINUTE = timedelta(minutes=1)
NOTHING: Row = dict.fromkeys(Call._fields) | {"region": "nw1", "emergency": 0, "direction": "outbound"}
LEVELS = ("bindings", "calls", "channels")


@pytest.fixture
def nothing_yet(root: DictCursor) -> Iterator[None]:
    """No traffic; afterwards no region has said anything."""
    for table in ("event", "cdr", *TABLES):
        root.execute(f"DELETE FROM {table}")  # noqa: S608
    yield
    root.execute(
        "UPDATE region SET heartbeat_at = NULL, gateway_at = NULL, bindings = NULL, calls = NULL, channels = NULL"
    )


@pytest.fixture
def agents(settings: Settings) -> Iterator[dict[str, DictCursor]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(connected(settings, f"region-{name}")) for name in ("nw1", "se1")}


@pytest.fixture
def minute(root: DictCursor) -> datetime:
    """The one under way."""
    root.execute("SELECT UTC_TIMESTAMP() AS now")
    now: datetime = (root.fetchone() or {})["now"]
    return now.replace(second=0)


@pytest.fixture
def refuse(agents: dict[str, DictCursor]) -> Tell:
    """Writes an event as an agent does."""

    def write(at: datetime, region: str = "nw1", **more: Any) -> None:
        row = {"region": region, "at": at, "rule": "R4", "cause": "early", "code": 429, "count": 1, "sentence": "x"}
        row |= more
        marks = ", ".join(f"%({column})s" for column in row)
        agents[region].execute(f"INSERT INTO event ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608

    return write


@pytest.fixture
def put(agents: dict[str, DictCursor]) -> Tell:
    """Writes what one batch of an agent knows of a call."""

    def write(name: str, started_at: datetime, region: str = "nw1", **known: Any) -> None:
        row = NOTHING | {"id": name, "started_at": started_at, "region": region} | known
        agents[region].execute(PUT_CALL, [row[field] for field in Call._fields])

    return write


def report(agent: DictCursor, at: datetime, region: str = "nw1", **levels: Any) -> None:
    """As an agent does each second."""
    agent.execute(
        "UPDATE region SET heartbeat_at = UTC_TIMESTAMP(6), gateway_at = %(at)s, bindings = %(bindings)s,"
        " calls = %(calls)s, channels = %(channels)s WHERE name = %(region)s",
        dict.fromkeys(LEVELS) | levels | {"at": at, "region": region},
    )


def told(client: FlaskClient, period: str = "hour") -> Row:
    answer = client.get("/v1/traffic", query_string={"period": period})
    assert answer.status_code == 200, answer.text
    found: Row = answer.get_json()
    return found


def text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='milliseconds')}Z"


def points(found: Row, region: str = "nw1") -> dict[str, Row]:
    """By when they begin."""
    (rows,) = [each["points"] for each in found["regions"] if each["region"] == region]
    return {point["at"]: point for point in rows}
