"""Traffic as the API shows it: rows as agents write them, over their accounts, added up by the minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.database import Database
from api.housekeeping.chores import CHORES
from api.housekeeping.housekeeper import Housekeeper
from api.settings import Settings
from api.traffic.store import TABLES
from kemi.agent.calls import Call
from kemi.agent.statements import PUT_CALL
from tests.integration.api.minutes import (
    LEVELS,
    MINUTE,
    NOTHING,
    Row,
    Tell,
    agents,
    minute,
    nothing_yet,
    points,
    put,
    refuse,
    report,
    text,
    told,
)
from tests.integration.api.server import connected
from tests.integration.api.test_bad_input import problem

__all__ = ["agents", "minute", "nothing_yet", "put", "refuse"]
pytestmark = pytest.mark.usefixtures("nothing_yet")


def test_an_hour_is_complete_and_in_order_where_nothing_happened(client: FlaskClient, minute: datetime) -> None:
    found = told(client)
    assert (found["period"], found["step"], found["refusals"]) == ("hour", 60, [])
    assert [each["region"] for each in found["regions"]] == ["nw1", "se1"]
    last = datetime.fromisoformat(found["until"]).replace(tzinfo=None) - MINUTE
    assert minute <= last <= minute + MINUTE
    assert found["since"] == text(last - 59 * MINUTE)
    for each in found["regions"]:
        assert each["points"] == [
            {"at": text(last - back * MINUTE), "bindings": None, "calls": None, "channels": None}
            | {"started": 0, "refused": 0}
            for back in range(59, -1, -1)
        ]


def test_a_day_has_a_quarter_of_an_hour_a_step(client: FlaskClient, minute: datetime) -> None:
    found = told(client, "day")
    moments = [datetime.fromisoformat(at).replace(tzinfo=None) for at in points(found)]
    assert (len(moments), found["step"]) == (96, 900)
    assert {after - before for before, after in pairwise(moments)} == {15 * MINUTE}
    assert (moments[0].minute % 15, text(moments[0])) == (0, found["since"])
    assert moments[-1] <= minute + MINUTE < moments[-1] + 16 * MINUTE


def test_levels_are_the_most_of_a_step(client: FlaskClient, agents: dict[str, DictCursor], minute: datetime) -> None:
    early = minute - 20 * MINUTE
    for second, (bindings, calls, channels) in enumerate([(5, 0, 1), (9, 2, 0), (7, 1, None)]):
        at = early + timedelta(seconds=second)
        report(agents["nw1"], at, bindings=bindings, calls=calls, channels=channels)
    report(agents["nw1"], early + MINUTE, bindings=11, calls=0, channels=0)
    report(agents["se1"], early, "se1", bindings=3)
    hour = told(client)
    assert [points(hour)[text(early)][name] for name in LEVELS] == [9, 2, 1]
    assert [points(hour)[text(early + MINUTE)][name] for name in LEVELS] == [11, 0, 0]
    assert [points(hour)[text(early + 2 * MINUTE)][name] for name in LEVELS] == [None] * 3
    assert [points(hour, "se1")[text(early)][name] for name in LEVELS] == [3, None, None]
    day = list(points(told(client, "day")).values())
    assert max(point["bindings"] or 0 for point in day) == 11
    assert max(point["calls"] or 0 for point in day) == 2


def test_a_gateway_that_is_silent_has_no_level(
    client: FlaskClient, agents: dict[str, DictCursor], minute: datetime
) -> None:
    for _ in range(3):
        report(agents["nw1"], minute - 5 * MINUTE, bindings=8)
    assert [point["bindings"] for point in points(told(client)).values() if point["bindings"] is not None] == [8]


def test_refusals_count_when_they_happened(client: FlaskClient, refuse: Tell, minute: datetime) -> None:
    refuse(minute - 3 * MINUTE)
    refuse(minute - 30 * MINUTE, count=40)
    refuse(minute - 30 * MINUTE + timedelta(seconds=59.9), rule="B6", cause="scanner", code=None, count=2)
    refuse(minute - 30 * MINUTE, "se1")
    refuse(minute - 90 * MINUTE, count=7)
    hour, day = told(client), told(client, "day")
    assert points(hour)[text(minute - 3 * MINUTE)]["refused"] == 1
    assert points(hour)[text(minute - 30 * MINUTE)]["refused"] == 42
    assert points(hour, "se1")[text(minute - 30 * MINUTE)]["refused"] == 1
    assert sum(point["refused"] for point in points(hour).values()) == 43
    assert sum(point["refused"] for point in points(day).values()) == 50
    assert [tuple(row.values()) for row in hour["refusals"]] == [
        ("nw1", "R4", "early", 429, 41),
        ("nw1", "B6", "scanner", None, 2),
        ("se1", "R4", "early", 429, 1),
    ]
    assert day["refusals"][0]["count"] == 48


def test_what_is_told_of_a_binding_that_ends_is_no_refusal(
    client: FlaskClient, refuse: Tell, root: DictCursor, minute: datetime
) -> None:
    for cause in ("race_lost", "removed", "withdrawn"):
        refuse(minute - MINUTE, cause=cause, code=None)
    refuse(minute - MINUTE, code=200)
    root.execute("INSERT INTO event (at, rule, cause, sentence) VALUES (%s, 'C4', 'unseen', 'of no region')", (minute,))
    refuse(minute - MINUTE, rule="B2", cause="flood", code=None)
    assert [(row["cause"], row["count"]) for row in told(client)["refusals"]] == [("flood", 1)]


def test_the_fifty_most_frequent_refusals_are_told(client: FlaskClient, refuse: Tell, minute: datetime) -> None:
    for number in range(60):
        refuse(minute - MINUTE, cause=f"cause-{number}", count=number + 1)
    assert [row["count"] for row in told(client)["refusals"]] == list(range(60, 10, -1))


def test_a_call_that_started_counts_once_whatever_comes_of_it(client: FlaskClient, put: Tell, minute: datetime) -> None:
    start = minute - 10 * MINUTE
    put("c-1", start)
    put("c-1", start, rang_at=start + MINUTE)
    put("c-1", start + MINUTE, ended_at=start + 2 * MINUTE, ended_by="caller", code=200)
    put("c-2", start, ended_at=start + MINUTE, ended_by="callee", code=486)
    put("c-se1", start, "se1", direction="inbound")
    assert points(told(client))[text(start)]["started"] == 2
    assert sum(point["started"] for point in points(told(client)).values()) == 2
    assert points(told(client), "se1")[text(start)]["started"] == 1


def test_an_attempt_that_is_refused_at_once_is_no_call_that_started(
    client: FlaskClient, put: Tell, minute: datetime
) -> None:
    refused = minute - 3 * MINUTE
    put("c-1", refused, ended_at=refused, ended_by="gateway", code=503, rule="O3", cause="channels")
    assert points(told(client))[text(refused)]["started"] == 0


def test_a_call_whose_first_line_comes_last_counts_when_it_started(
    client: FlaskClient, put: Tell, minute: datetime
) -> None:
    start, end = minute - 10 * MINUTE, minute - 2 * MINUTE
    put("c-1", end, ended_at=end, ended_by="caller", code=200)
    put("c-1", start + MINUTE, answered_at=start + MINUTE)
    put("c-1", start)
    found = points(told(client))
    assert [at for at, point in found.items() if point["started"]] == [text(start)]
    assert found[text(start)]["started"] == 1


def test_F2_what_is_rolled_back_is_not_counted(
    client: FlaskClient, settings: Settings, minute: datetime, refuse: Tell
) -> None:
    with connected(settings, "region-nw1", autocommit=False) as shipping:
        event = "INSERT INTO event (region, at, rule, cause, code, sentence) VALUES ('nw1', %s, 'R4', 'early', 429, '')"
        shipping.execute(event, (minute - MINUTE,))
        shipping.connection.rollback()
    refuse(minute - MINUTE)
    assert [row["count"] for row in told(client)["refusals"]] == [1]


def test_F1_two_agents_never_wait_for_each_other(settings: Settings, minute: datetime) -> None:
    """Each in a transaction that stays open, with calls, refusals and levels of the same minute."""
    patience = {"init_command": "SET SESSION innodb_lock_wait_timeout = 1", "autocommit": False}
    with connected(settings, "region-nw1", **patience) as nw1, connected(settings, "region-se1", **patience) as se1:
        for second in range(5):
            for cursor, region in ((nw1, "nw1"), (se1, "se1")):
                at = minute - (second % 3) * MINUTE
                row = NOTHING | {"id": f"c-{region}-{second}", "region": region, "started_at": at}
                cursor.execute(PUT_CALL, [row[field] for field in Call._fields])
                event = "INSERT INTO event (region, at, rule, cause, sentence) VALUES (%s, %s, 'B6', 'scanner', '')"
                cursor.execute(event, (region, at))
                report(cursor, at, region, bindings=second)
        nw1.connection.commit()
        se1.connection.commit()


def test_who_is_bound_to_a_tenant_sees_no_traffic(client: FlaskClient, app: Flask) -> None:
    client.post("/v1/tenants", json={"account_id": "bound-traffic", "name": "Bound"})
    key = client.post("/v1/keys", json={"label": "bound", "scope": "read", "tenant": "bound-traffic"}).get_json()["key"]
    bound = app.test_client()
    problem(bound.get("/v1/traffic", headers={"Authorization": f"Bearer {key}"}), 403)


@pytest.mark.parametrize("query", [{"period": "week"}, {"period": ""}, {"since": "2026-01-01"}])
def test_wrong_periods_are_named(client: FlaskClient, query: Row) -> None:
    (name,) = query
    assert problem(client.get("/v1/traffic", query_string=query), 422)["errors"][0]["field"] == name


def test_minutes_are_forgotten_after_two_days(
    settings: Settings, root: DictCursor, agents: dict[str, DictCursor], refuse: Tell, put: Tell, minute: datetime
) -> None:
    moments = (minute - timedelta(hours=47), minute - timedelta(hours=49), minute - timedelta(days=400))
    for number, at in enumerate(moments):
        report(agents["nw1"], at, bindings=1)
        refuse(at)
        put(f"c-{number}", at)
    database = Database(settings.database("api"))
    Housekeeper(database, CHORES).turn()
    database.close()
    for table in TABLES:
        root.execute(f"SELECT at FROM {table} WHERE region = 'nw1'")  # noqa: S608
        (kept,) = [row["at"] for row in root.fetchall()]
        assert moments[0] - 15 * MINUTE < kept <= moments[0], table


def test_a_region_tells_how_many_calls_start_in_a_second(client: FlaskClient, put: Tell, root: DictCursor) -> None:
    root.execute("SELECT UTC_TIMESTAMP(3) AS now")
    now: datetime = (root.fetchone() or {})["now"]
    for number in range(12):
        put(f"c-{number}", now, direction=("inbound", "outbound")[number % 2])
    put("c-refused", now, ended_at=now, ended_by="gateway", code=503, rule="O2", cause="rate")
    put("c-before", now - MINUTE)
    put("c-se1", now, "se1", ended_at=now + timedelta(seconds=1), ended_by="callee", code=486)
    pace = {row["name"]: row["calls_per_second"] for row in client.get("/v1/regions").get_json()["items"]}
    assert pace == {"nw1": 1.2, "se1": 0.1}
    assert client.get("/v1/regions/nw1").get_json()["calls_per_second"] == 1.2
