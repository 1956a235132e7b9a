"""What a region is asked to do with a configuration, and what came of it (rule F3). The agent's part is played."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor
from werkzeug.test import TestResponse

from api.settings import Settings
from tests.integration.api.conftest import Template
from tests.integration.api.played_agent import PlayedAgent, api_waits
from tests.integration.api.server import connected, wait_until
from tests.integration.api.test_configurations import PATH, refused, store

Row = dict[str, Any]
APPLICATIONS = f"{PATH}/applications"

pytestmark = pytest.mark.usefixtures("agent")


def ask(client: FlaskClient, action: str, version: int | None = None) -> Row:
    answer = client.post(APPLICATIONS, json={"action": action, "version": version})
    assert answer.status_code == 201, answer.text
    made: Row = answer.get_json()
    return made


def put_in_force(client: FlaskClient, agent: PlayedAgent, action: str = "apply", version: int | None = None) -> Row:
    made = ask(client, action, version)
    agent.carries_out(made["id"])
    found: Row = client.get(f"{APPLICATIONS}/{made['id']}").get_json()
    return found


def versions(client: FlaskClient, template: Template, count: int) -> None:
    """Stores that many."""
    for number in range(count):
        template(f"# {number}\n")
        store(client)


@pytest.mark.parametrize("action", ["check", "apply"])
def test_F3_what_is_rendered_is_stored_and_waits_for_the_agent(client: FlaskClient, action: str) -> None:
    made = ask(client, action)
    assert (made["action"], made["version"], made["state"], made["previous"]) == (action, 1, "waiting", None)
    assert (made["agent_silent"], made["began_at"], made["ended_at"], made["reason"]) == (False, None, None, None)
    assert client.get(f"{PATH}/configurations/1").status_code == 200
    assert client.get(f"{APPLICATIONS}/{made['id']}").get_json() == made | {"seconds": pytest.approx(0, abs=5)}


def test_F3_what_the_agent_reports_is_shown(client: FlaskClient, agent: PlayedAgent) -> None:
    made = ask(client, "apply")
    path = f"{APPLICATIONS}/{made['id']}"
    agent.take(made["id"])
    assert client.get(path).get_json()["state"] == "checking"
    agent.moves(made["id"], "trying")
    assert client.get(path).get_json()["state"] == "trying"
    agent.ends(made["id"], "rolled-back", "the canary got no answer", restarted=True)
    shown = client.get(path).get_json()
    assert (shown["state"], shown["reason"], shown["restarted"]) == ("rolled-back", "the canary got no answer", True)
    assert shown["asked_at"] <= shown["began_at"] <= shown["ended_at"]
    assert 0 <= shown["seconds"] < 20


def test_a_silent_agent_is_told_and_the_application_waits(client: FlaskClient, agent: PlayedAgent) -> None:
    agent.is_alive(False)
    made = ask(client, "apply")
    assert (made["state"], made["agent_silent"]) == ("waiting", True)


def test_F3_a_region_does_one_thing_at_a_time(client: FlaskClient, agent: PlayedAgent) -> None:
    made = ask(client, "check")
    for state in ("waiting", "checking", "switching", "trying"):
        agent.moves(made["id"], state)
        for action in ("check", "apply", "rollback"):
            detail = refused(client.post(APPLICATIONS, json={"action": action}), "under-way")
            assert f"Application {made['id']} (check)" in detail
    assert client.post("/v1/regions/se1/applications", json={"action": "check"}).status_code == 201
    agent.ends(made["id"], "checked")
    assert ask(client, "apply")["version"] == made["version"]


def test_F3_of_two_that_apply_at_once_one_is_refused(app: Flask, admin_key: str, agent: PlayedAgent) -> None:
    def post(_: int) -> TestResponse:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_key}"
        return client.post(APPLICATIONS, json={"action": "apply"})

    for _ in range(5):
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(post, range(8)))
        assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}
        (made,) = (answer.get_json() for answer in answers if answer.status_code == 201)
        agent.carries_out(made["id"])


def test_F3_rollback_names_what_was_in_force_before(
    client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    versions(client, template, 3)
    for version in (1, 2):
        put_in_force(client, agent, version=version)
    ask_refused = ask(client, "apply", 3)
    agent.carries_out(ask_refused["id"], "refused", "Kamailio does not take it")
    back = put_in_force(client, agent, "rollback")
    assert (back["version"], back["previous"], back["state"]) == (1, 2, "in-force")
    assert client.get(f"{PATH}/configurations/1").get_json()["in_force"] is True
    again = put_in_force(client, agent, "rollback")
    assert (again["version"], again["previous"]) == (2, 1)
    assert put_in_force(client, agent, "rollback", 3)["version"] == 3


def test_F3_rollback_without_a_word_of_the_agent_goes_by_the_history(
    client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    versions(client, template, 2)
    for version in (1, 2):
        put_in_force(client, agent, version=version)
    agent.runs(None)
    assert ask(client, "rollback")["version"] == 1


def test_F3_rollback_needs_no_template_that_can_be_rendered(
    client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    versions(client, template, 2)
    for version in (1, 2):
        put_in_force(client, agent, version=version)
    template("{{ broken")
    assert ask(client, "rollback")["version"] == 1


def test_F3_there_may_be_nothing_to_go_back_to(client: FlaskClient, agent: PlayedAgent) -> None:
    refused(client.post(APPLICATIONS, json={"action": "rollback"}), "nothing-before")
    put_in_force(client, agent)
    refused(client.post(APPLICATIONS, json={"action": "rollback"}), "nothing-before")


@pytest.mark.parametrize("action", ["check", "apply", "rollback"])
def test_a_version_that_there_is_not_is_refused(client: FlaskClient, action: str) -> None:
    assert "no version 7" in refused(
        client.post(APPLICATIONS, json={"action": action, "version": 7}), "unknown-version"
    )


@pytest.mark.parametrize(
    "body",
    [{}, {"action": "start"}, {"action": "apply", "version": 0}, {"action": "apply", "version": "1"}, {"action": None}],
)
def test_what_is_no_application_is_422(client: FlaskClient, body: Row) -> None:
    assert client.post(APPLICATIONS, json=body).status_code == 422


def test_what_waits_can_be_withdrawn(client: FlaskClient, agent: PlayedAgent) -> None:
    made = ask(client, "apply")
    gone = client.delete(f"{APPLICATIONS}/{made['id']}").get_json()
    assert (gone["state"], gone["began_at"]) == ("withdrawn", None)
    assert gone["ended_at"] is not None
    assert agent.take(made["id"]) is False
    assert "withdrawn" in refused(client.delete(f"{APPLICATIONS}/{made['id']}"), "not-waiting")
    assert ask(client, "apply")["id"] != made["id"]


@pytest.mark.parametrize("state", ["checking", "switching", "trying", "in-force", "refused"])
def test_what_has_begun_cannot_be_withdrawn(client: FlaskClient, agent: PlayedAgent, state: str) -> None:
    made = ask(client, "apply")
    agent.moves(made["id"], state)
    assert state in refused(client.delete(f"{APPLICATIONS}/{made['id']}"), "not-waiting")
    assert client.get(f"{APPLICATIONS}/{made['id']}").get_json()["state"] == state


def test_what_was_read_before_it_went_on_is_not_withdrawn(client: FlaskClient, agent: PlayedAgent) -> None:
    made = ask(client, "apply")
    path = f"{APPLICATIONS}/{made['id']}"
    tag = client.get(path).headers["ETag"]
    agent.take(made["id"])
    assert client.delete(path, headers={"If-Match": tag}).status_code == 412
    agent.moves(made["id"], "waiting")
    assert client.delete(path, headers={"If-Match": tag}).status_code == 200


def test_the_agent_takes_it_or_it_is_withdrawn_and_never_both(
    client: FlaskClient, settings: Settings, root: DictCursor
) -> None:
    """The agent has it in a transaction that is not at its end yet: the withdrawal waits, and comes too late."""
    made = ask(client, "apply")
    with connected(settings, "region-nw1", autocommit=False) as cursor, ThreadPoolExecutor(1) as pool:
        assert PlayedAgent(cursor, "nw1").take(made["id"])
        withdrawn = pool.submit(client.delete, f"{APPLICATIONS}/{made['id']}")
        wait_until(lambda: api_waits(root), what="the withdrawal waits")
        cursor.connection.commit()
        assert withdrawn.result(20).status_code == 409
    assert client.get(f"{APPLICATIONS}/{made['id']}").get_json()["state"] == "checking"


def test_the_history_says_what_when_and_by_whom(client: FlaskClient, agent: PlayedAgent) -> None:
    made = [put_in_force(client, agent, version=version) for version in (None, 1, 1)]
    first = client.get(f"{APPLICATIONS}?limit=2").get_json()
    rest = client.get(f"{APPLICATIONS}?limit=2&after={first['next']}").get_json()
    rows = first["items"] + rest["items"]
    assert [row["id"] for row in rows] == [row["id"] for row in reversed(made)]
    assert {(row["actor_kind"], row["actor_name"]) for row in rows} == {("key", "first administrator")}
    assert rest["next"] is None


def test_another_region_s_application_is_not_there(client: FlaskClient) -> None:
    made = ask(client, "apply")
    for method in ("get", "delete"):
        assert getattr(client, method)(f"/v1/regions/se1/applications/{made['id']}").status_code == 404


def test_everything_is_in_the_audit_log(client: FlaskClient) -> None:
    done = [ask(client, "check")]
    client.delete(f"{APPLICATIONS}/{done[0]['id']}")
    done.append(ask(client, "apply"))
    for row, actions in zip(done, (["withdraw", "check"], ["apply"]), strict=True):
        entries = client.get(f"/v1/audit?entity=application&entity_id={row['id']}").get_json()["items"]
        assert [entry["action"] for entry in entries] == actions
        assert entries[-1]["after"]["version"] == row["version"]
        assert entries[-1]["actor_name"] == "first administrator"


def test_a_request_that_is_sent_again_is_carried_out_once(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "apply-once"}
    first, second = (client.post(APPLICATIONS, json={"action": "apply"}, headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code, second.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert first.get_json()["id"] == second.get_json()["id"]
