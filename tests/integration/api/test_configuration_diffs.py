"""What a region would run: from templates and settings as they are now, and how that differs (rule F3)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.conftest import Template
from tests.integration.api.played_agent import PlayedAgent
from tests.integration.api.test_configurations import PATH, refused, store

pytestmark = pytest.mark.usefixtures("agent")


@pytest.mark.parametrize("path", ["configurations", "applications"])
def test_F3_a_broken_template_is_refused_and_nothing_is_stored(
    client: FlaskClient, template: Template, path: str
) -> None:
    template("fine\n{{ no_such_thing }}\n")
    detail = refused(client.post(f"{PATH}/{path}", json={"action": "apply"}), "template-broken")
    assert detail.startswith("kamailio/region.cfg.j2, line 2: 'no_such_thing' is undefined")
    assert "\n" not in detail
    assert detail == refused(client.get(f"{PATH}/rendering"), "template-broken")
    for each in ("configurations", "applications"):
        assert client.get(f"{PATH}/{each}").get_json()["items"] == []


def test_a_changed_setting_is_seen_without_a_restart(
    client: FlaskClient, agent: PlayedAgent, changed_settings: Callable[[str], None]
) -> None:
    agent.runs(store(client)["version"])
    changed_settings("thresholds = { nonce_lifetime = 77 }\n")
    compared = client.get(f"{PATH}/diff").get_json()
    assert [file["name"] for file in compared["files"]] == ["kamailio.cfg", "region.json"]
    assert (
        '-modparam("auth", "nonce_expire", 300)\n+modparam("auth", "nonce_expire", 77)\n'
        in compared["files"][0]["diff"]
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [('realm = "another"\n', "realm-fixed"), ("thresholds = { flood_window = 99 }\n", "setting-wrong")],
)
def test_R1_settings_that_cannot_be_used_are_refused(
    client: FlaskClient, changed_settings: Callable[[str], None], line: str, kind: str
) -> None:
    changed_settings(line)
    refused(client.post(f"{PATH}/configurations"), kind)


def test_test_limits_are_refused_for_a_public_region(client: FlaskClient, root: DictCursor, settings: Settings) -> None:
    limits = settings.home / "limits.toml"
    limits.write_text("interval = 2\n")
    try:
        assert json.loads(client.get(f"{PATH}/rendering").get_json()["files"]["region.json"])["limits"]["interval"] == 2
        root.execute("UPDATE region SET address = '192.0.2.77' WHERE name = 'nw1'")
        refused(client.get(f"{PATH}/rendering"), "limits-fixed")
    finally:
        limits.unlink()
        root.execute("UPDATE region SET address = %s WHERE name = 'nw1'", (settings.regions[0].address,))


def test_a_diff_is_from_what_runs_to_what_would_be_rendered(
    client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    compared = client.get(f"{PATH}/diff").get_json()
    assert (compared["from"], compared["to"], compared["identical"]) == (None, None, False)
    assert {file["state"] for file in compared["files"]} == {"added"}
    agent.runs(store(client)["version"])
    same = client.get(f"{PATH}/diff").get_json()
    assert (same["from"], same["to"], same["identical"], same["files"]) == (1, 1, True, [])
    template("# another")
    (file,) = client.get(f"{PATH}/diff").get_json()["files"]
    assert (file["name"], file["state"]) == ("kamailio.cfg", "changed")
    assert file["diff"].startswith("--- kamailio.cfg (version 1)\n+++ kamailio.cfg (rendered now)\n")
    assert file["diff"].endswith("+# another\n\\ No newline at end of file\n")


def test_a_diff_between_versions(client: FlaskClient, template: Template) -> None:
    store(client)
    template("# another\n")
    store(client)
    back = client.get(f"{PATH}/diff?from=2&to=1").get_json()
    assert (back["from"], back["to"], back["identical"]) == (2, 1, False)
    assert "-# another\n" in back["files"][0]["diff"]
    assert client.get(f"{PATH}/diff?from=2&to=2").get_json()["identical"] is True
    refused(client.get(f"{PATH}/diff?from=3"), "unknown-version")
    refused(client.get(f"{PATH}/diff?from=1&to=3"), "unknown-version")
    assert client.get(f"{PATH}/diff?from=0").status_code == 422


def test_a_diff_to_what_a_rollback_would_bring_back(
    client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    refused(client.get(f"{PATH}/diff?back=true"), "nothing-before")
    for text in ("# one\n", "# two\n"):
        template(text)
        made = client.post(f"{PATH}/applications", json={"action": "apply"}).get_json()
        agent.carries_out(made["id"])
    template("{{ broken")
    back = client.get(f"{PATH}/diff?back=true").get_json()
    assert (back["from"], back["to"]) == (2, 1)
    assert back["files"][0]["diff"].endswith("-# two\n+# one\n")
    refused(client.get(f"{PATH}/diff?back=true&to=1"), "two-goals")
