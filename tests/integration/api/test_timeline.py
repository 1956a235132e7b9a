"""A credential's timeline over HTTP: of what time, in which order, how much of it, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.timeline import store
from kemi.agent.ring import Ring
from tests.integration.api.worlds import with_key

Row = dict[str, Any]
RING: Final = Ring(100, 300)
REGISTRATION: Final = (
    "INSERT INTO registration (region, slot, username, at, address, port, user_agent, ended_at, ended_cause)"
    " VALUES (%s, %s, %s, %s, '192.0.2.7', 5062, 'Asterisk PBX 22', %s, %s)"
)
EVENT: Final = (
    "INSERT INTO event (region, at, until, count, rule, cause, code, retry_after, username, credential, address,"
    " method, sentence) VALUES (%s, %s, %s, 1, %s, %s, 429, 59, %s, NULL, '192.0.2.7', 'REGISTER', 'why')"
)


class Past:
    """Writes what regions would have told, some seconds ago."""

    def __init__(self, root: DictCursor, username: str) -> None:
        self.root = root
        self.username = username
        self.now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)

    def ago(self, seconds: int) -> datetime:
        return self.now - timedelta(seconds=seconds)

    def registered(self, seconds: int, ended: int | None = None, region: str = "nw1") -> None:
        at, end = self.ago(seconds), None if ended is None else self.ago(ended)
        slot = RING.slot(int(at.replace(tzinfo=UTC).timestamp()) * 1000)
        self.root.execute(REGISTRATION, (region, slot, self.username, at, end, "removed" if end else None))

    def refused(self, seconds: int, until: int | None = None, region: str | None = "nw1", **more: Any) -> None:
        known = {"rule": "R4", "cause": "early", "username": self.username} | more
        end = None if until is None else self.ago(until)
        self.root.execute(EVENT, (region, self.ago(seconds), end, known["rule"], known["cause"], known["username"]))

    def told(self, moment: str) -> int:
        """How many seconds ago a moment of an answer was."""
        return round((self.now.replace(tzinfo=UTC) - datetime.fromisoformat(moment)).total_seconds())


@pytest.fixture
def past(root: DictCursor, credential: Row) -> Iterator[Past]:
    yield Past(root, credential["username"])
    root.execute("DELETE FROM registration")
    root.execute("DELETE FROM event")


def asked(client: FlaskClient, credential: Row, query: str = "") -> Row:
    answer = client.get(f"/v1/credentials/{credential['id']}/timeline{query}")
    assert answer.status_code == 200, answer.text
    found: Row = answer.get_json()
    return found


def of(found: Row, region: str = "nw1") -> Row:
    return next(each for each in found["regions"] if each["region"] == region)


def test_a_credential_that_nothing_is_known_of(client: FlaskClient, credential: Row) -> None:
    found = asked(client, credential)
    nothing = {"registrations": [], "refusals": [], "refusals_left_out": 0, "removals": []}
    assert found["regions"] == [{"region": name, **nothing} for name in ("nw1", "se1")]
    assert (found["interval"], found["granted"]) == (100, 300)
    span = datetime.fromisoformat(found["until"]) - datetime.fromisoformat(found["since"])
    assert span == timedelta(hours=1)


def test_R5_registrations_in_order_each_with_its_end(client: FlaskClient, credential: Row, past: Past) -> None:
    for seconds, ended in ((400, None), (550, None), (100, 40)):
        past.registered(seconds, ended)
    past.registered(250, region="se1")
    found = asked(client, credential)
    lives = [(past.told(each["at"]), past.told(each["ends_at"])) for each in of(found)["registrations"]]
    assert lives == [(550, 400), (400, 100), (100, 40)]
    (elsewhere,) = of(found, "se1")["registrations"]
    assert past.told(elsewhere.pop("ends_at")) == -50
    assert past.told(elsewhere.pop("at")) == 250
    assert elsewhere == {"address": "192.0.2.7", "port": 5062, "user_agent": "Asterisk PBX 22"}
    assert [(past.told(each["at"]), each["cause"]) for each in of(found)["removals"]] == [(40, "removed")]


HOUR: Final = ([3_700, 1_000], [1_000])
HOURS: Final = ([10_000, 4_000, 3_700, 1_000], [10_000, 4_000, 3_700, 1_000])


@pytest.mark.parametrize(("query", "shown"), [("", HOUR), ("?hours=1", HOUR), ("?hours=3", HOURS)])
def test_the_time_shown(
    client: FlaskClient, credential: Row, past: Past, query: str, shown: tuple[list[int], list[int]]
) -> None:
    """A registration that began before it is shown if it still lived in it; a refusal is not."""
    for seconds in (11_500, 10_000, 4_000, 3_700, 1_000):
        past.registered(seconds)
        past.refused(seconds)
    found = of(asked(client, credential, query))
    moments = [[past.told(each["at"]) for each in found[kind]] for kind in ("registrations", "refusals")]
    assert moments == list(shown)


@pytest.mark.parametrize("hours", ["0", "4", "-1", "1.5", "x", ""])
def test_other_times_are_refused(client: FlaskClient, credential: Row, hours: str) -> None:
    answer = client.get(f"/v1/credentials/{credential['id']}/timeline?hours={hours}")
    assert answer.status_code == 422
    assert "hours" in answer.text


def test_refusals_are_those_of_the_username_wherever_they_came_from(
    client: FlaskClient, credential: Row, past: Past
) -> None:
    past.refused(900, rule="R2", cause="password")
    past.refused(4000, until=3500)
    past.refused(300, region="se1")
    past.refused(200, username="somebody")
    past.refused(100, region=None, rule="C4", cause="unseen")
    past.refused(50, rule="R6", cause="removed")
    found = asked(client, credential)
    assert [(past.told(each["at"]), each["cause"]) for each in of(found)["refusals"]] == [
        (4000, "early"),
        (900, "password"),
    ]
    (elsewhere,) = of(found, "se1")["refusals"]
    assert past.told(elsewhere.pop("at")) == 300
    assert elsewhere == {
        "until": None,
        "count": 1,
        "method": "REGISTER",
        "code": 429,
        "rule": "R4",
        "cause": "early",
        "retry_after": 59,
        "address": "192.0.2.7",
        "user_agent": None,
        "sentence": "why",
    }


def test_of_many_refusals_the_latest_are_shown_and_the_others_counted(
    client: FlaskClient, credential: Row, past: Past
) -> None:
    for seconds in range(store.SHOWN + 7, 0, -1):
        past.refused(seconds)
    past.refused(store.SHOWN + 100, region="se1")
    found = asked(client, credential)
    moments = [past.told(each["at"]) for each in of(found)["refusals"]]
    assert moments == list(range(store.SHOWN, 0, -1))
    assert of(found)["refusals_left_out"] == 7
    assert of(found, "se1")["refusals_left_out"] == 0


def test_a_tenant_sees_its_own_credentials_only(
    app: Flask, client: FlaskClient, root: DictCursor, credential: Row, past: Past
) -> None:
    past.registered(100)
    path = f"/v1/credentials/{credential['id']}"
    for tenant in ("timed", "neighbour-in-time"):
        client.post("/v1/tenants", json={"account_id": tenant, "name": tenant})
    client.patch(path, json={"tenant": "timed"})
    own, other = (with_key(app, root, "read", tenant) for tenant in ("timed", "neighbour-in-time"))
    assert len(of(asked(own, credential))["registrations"]) == 1
    answers = [other.get(f"{path}/timeline"), other.get("/v1/credentials/cr-none/timeline")]
    assert [answer.status_code for answer in answers] == [404, 404]
    details = [answer.get_json()["detail"] for answer in answers]
    assert details[0].replace(credential["id"], "cr-none") == details[1]


FILL: Final = (
    "INSERT INTO registration (region, slot, username, at) SELECT 'nw1', seq DIV 200, CONCAT('u', seq % 200),"
    " UTC_TIMESTAMP(3) FROM seq_0_to_19999",
    "INSERT INTO event (region, at, rule, cause, username, sentence)"
    " SELECT 'nw1', UTC_TIMESTAMP(3), 'R4', 'early', CONCAT('u', seq % 200), 'x' FROM seq_0_to_19999",
    "ANALYZE TABLE registration, event",
)


def test_each_part_is_found_by_an_index(root: DictCursor, past: Past) -> None:
    for each in FILL:
        root.execute(each)
    wanted = {"region": "nw1", "username": "u7", "slots": list(range(RING.slots)), "removals": ["removed"], "most": 50}
    wanted |= {"earliest": past.ago(9000), "since": past.ago(9000), "until": past.now, "ids": [1, 2]}
    for sql in (store.REGISTRATIONS, store.REFUSED, store.REFUSALS):
        root.execute(f"EXPLAIN {sql}", wanted)
        plan = [row for row in root.fetchall() if row["table"] and not str(row["table"]).startswith("<")]
        assert plan
        for row in plan:
            assert row["key"], plan
            assert int(row["rows"]) < 500, plan
