"""What regions run, by version: rendered, stored, compared (rule F3). The agent's part is played."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.rendering import render_region
from api.settings import Settings
from kemi.configuration import digest
from tests.integration.api.conftest import Template
from tests.integration.api.played_agent import PlayedAgent, api_waits
from tests.integration.api.server import connected, wait_until

Row = dict[str, Any]
PATH = "/v1/regions/nw1"

pytestmark = pytest.mark.usefixtures("agent")


def store(client: FlaskClient) -> Row:
    answer = client.post(f"{PATH}/configurations")
    assert answer.status_code == 200, answer.text
    found: Row = answer.get_json()
    return found


def refused(answer: Any, kind: str) -> str:
    assert answer.status_code == 409, answer.text
    assert answer.get_json()["type"].endswith(f":{kind}")
    return str(answer.get_json()["detail"])


def test_F3_what_is_rendered_is_what_a_host_renders_from_the_same_data(client: FlaskClient, settings: Settings) -> None:
    shown = client.get(f"{PATH}/rendering").get_json()
    assert shown["files"] == render_region(settings, settings.regions[0])
    assert shown["digest"] == digest(shown["files"])
    assert (shown["version"], shown["newest"], shown["version_in_force"], shown["in_force"]) == (
        None,
        None,
        None,
        False,
    )


def test_F3_the_same_data_is_the_same_version(client: FlaskClient, template: Template) -> None:
    first, again = store(client), store(client)
    assert (first["version"], first["new"], again["new"]) == (1, True, False)
    assert {**again, "new": True} == first
    template("# another\n")
    second = store(client)
    assert (second["version"], second["new"]) == (2, True)
    shown = client.get(f"{PATH}/rendering").get_json()
    assert (shown["version"], shown["newest"], shown["digest"]) == (2, 2, second["digest"])


def test_F3_a_version_is_kept_as_it_was(client: FlaskClient, agent: PlayedAgent, template: Template) -> None:
    files = client.get(f"{PATH}/rendering").get_json()["files"]
    store(client)
    template("# another\n")
    assert store(client)["version"] == 2
    kept = client.get(f"{PATH}/configurations/1").get_json()
    assert (kept["files"], kept["actor_kind"], kept["in_force"]) == (files, "key", False)
    agent.runs(1)
    assert client.get(f"{PATH}/configurations/1").get_json()["in_force"] is True
    assert client.get(f"{PATH}/rendering").get_json()["version_in_force"] == 1


def test_versions_are_listed_newest_first_in_pages(client: FlaskClient, agent: PlayedAgent, template: Template) -> None:
    for text in "abc":
        template(text)
        store(client)
    agent.runs(2)
    first = client.get(f"{PATH}/configurations?limit=2").get_json()
    rest = client.get(f"{PATH}/configurations?limit=2&after={first['next']}").get_json()
    rows = first["items"] + rest["items"]
    assert [(row["version"], row["in_force"]) for row in rows] == [(3, False), (2, True), (1, False)]
    assert rest["next"] is None
    assert "files" not in rows[0]


def test_a_region_that_runs_what_nobody_stored_is_said_to(client: FlaskClient, agent: PlayedAgent) -> None:
    store(client)
    agent.cursor.execute(
        "UPDATE region SET configuration = 1, configuration_digest = %s WHERE name = 'nw1'", ("f" * 64,)
    )
    shown = client.get(f"{PATH}/rendering").get_json()
    assert (shown["version"], shown["version_in_force"], shown["in_force"]) == (1, None, False)


def test_O6_the_core_set_is_shown_beside_the_configuration(client: FlaskClient) -> None:
    before = client.get(f"{PATH}/rendering").get_json()
    made = client.post(
        "/v1/cores", json={"region": "nw1", "address": "192.0.2.246", "label": "Softswitch A"}
    ).get_json()
    after = client.get(f"{PATH}/rendering").get_json()
    client.delete(f"/v1/cores/{made['id']}")
    assert f"192.0.2.246:5060 enabled {made['id']} Softswitch A\n" in after["cores"]
    assert (after["digest"], after["files"]) == (before["digest"], before["files"])


def test_F3_two_that_store_at_once_store_one_version(app: Flask, admin_key: str) -> None:
    def ask(_: int) -> Row:
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {admin_key}"
        return store(client)

    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(ask, range(16)))
    assert [row["version"] for row in rows] == [1] * 16
    assert sum(row["new"] for row in rows) == 1


def test_F3_what_the_agent_stores_at_the_same_moment_is_no_fault(
    client: FlaskClient, root: DictCursor, settings: Settings
) -> None:
    """It locks nothing: its row may come between looking for the newest version and storing the next."""
    insert = "INSERT INTO configuration (region, version, digest, files, actor_kind) VALUES ('nw1', 1, '', '', 'key')"
    with connected(settings, "region-nw1", autocommit=False) as agent, ThreadPoolExecutor(1) as pool:
        agent.execute(insert)
        asked = pool.submit(store, client)
        wait_until(lambda: api_waits(root), what="the API waits for the agent")
        agent.connection.commit()
        assert (asked.result(20)["version"], asked.result()["new"]) == (2, True)


@pytest.mark.parametrize(
    "path", ["rendering", "diff", "configurations", "configurations/1", "applications", "applications/1"]
)
def test_a_region_that_there_is_not(client: FlaskClient, path: str) -> None:
    for region in ("ne9", "nördlich"):
        assert client.get(f"/v1/regions/{region}/{path}").status_code == 404


@pytest.mark.parametrize("version", ["0", "-1", "x", "1e0", "²", "9" * 40, "4294967296"])
def test_a_version_that_there_is_not(client: FlaskClient, version: str) -> None:
    store(client)
    assert client.get(f"{PATH}/configurations/{version}").status_code == 404


def test_what_is_stored_is_in_the_audit_log(client: FlaskClient) -> None:
    kept = store(client)
    store(client)
    entries = client.get("/v1/audit?entity=configuration&entity_id=nw1/1").get_json()["items"]
    assert [entry["action"] for entry in entries][:1] == ["create"]
    assert entries[0]["after"] == {"region": "nw1", "version": 1, "digest": kept["digest"]}
    assert entries[0]["actor_kind"] == "key"
    assert Path("kamailio.cfg").name not in json.dumps(entries)
