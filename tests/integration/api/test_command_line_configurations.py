"""`./turnpike render`, `diff`, `check`, `history`: what regions run and would run. The agents' part is played."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.rendering import render_region
from api.settings import Settings
from tests.integration.api.conftest import Template
from tests.integration.api.played_agent import PlayedAgent, Row, played, working
from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server", "agent", "no_domains")


def takes_all(application: Row) -> tuple[str, str | None]:
    return ("checked" if application["action"] == "check" else "in-force"), None


def refuses_se1(application: Row) -> tuple[str, str | None]:
    refusal = ("refused", "kamailio.cfg, line 7:\n syntax error")
    return refusal if application["region"] == "se1" else takes_all(application)


@pytest.fixture
def agents(settings: Settings, agent: PlayedAgent) -> Iterator[None]:  # noqa: ARG001 -- clears up
    """Both regions do what they are asked."""
    with ExitStack() as stack:
        for region in ("nw1", "se1"):
            stack.enter_context(working(settings, region, takes_all))
        yield


def test_render_stores_a_version_of_each_region(cli: CommandLine) -> None:
    rows = [row for row in cli.json("render") if "region" in row]
    assert [(row["region"], row["version"], row["new"]) for row in rows] == [("nw1", 1, True), ("se1", 1, True)]
    assert [row["new"] for row in cli.json("render", "se1")] == [False]
    assert "there is no region ne9" in cli.refusal("render", "ne9").lower()


def test_render_writes_the_files_and_the_core_set(
    cli: CommandLine, client: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    core = client.post("/v1/cores", json={"region": "se1", "address": "192.0.2.241"}).get_json()
    assert cli.run("render", "--output", str(tmp_path / "out")).exit_code == 0
    client.delete(f"/v1/cores/{core['id']}")
    for region in settings.regions:
        folder = tmp_path / "out" / region.name
        written = {file.name: file.read_text() for file in folder.iterdir()}
        cores = written.pop("cores.list")
        assert written == render_region(settings, region)
        assert ("192.0.2.241:5060 enabled" in cores) is (region.name == "se1")


def test_render_to_where_nothing_can_be_written_is_one_line(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be written" in cli.refusal("render", "--output", str(tmp_path / "file" / "below"))


def test_F3_a_broken_template_is_one_line(cli: CommandLine, template: Template) -> None:
    template("one\n{{ nothing }}")
    assert "kamailio/region.cfg.j2, line 2: 'nothing' is undefined" in cli.refusal("render", "nw1")


def test_diff_is_0_for_the_same_1_for_another_2_for_trouble(
    cli: CommandLine, client: FlaskClient, agent: PlayedAgent, template: Template
) -> None:
    agent.runs(client.post("/v1/regions/nw1/configurations").get_json()["version"])
    same = cli.run("diff", "nw1")
    assert (same.exit_code, same.stdout) == (0, "nw1: no difference\n")
    template("# another\n")
    other = cli.run("diff", "nw1")
    assert other.exit_code == 1
    assert other.stdout.startswith("--- kamailio.cfg (version 1)\n+++ kamailio.cfg (rendered now)\n")
    assert "\n+# another\n" in other.stdout
    cli.run("render", "nw1")
    assert cli.run("diff", "nw1", "2", "2").exit_code == 0
    assert "\n-# another\n" in cli.run("diff", "nw1", "2", "1").stdout
    template("{{ nothing }}")
    trouble = cli.run("diff", "nw1")
    assert (trouble.exit_code, len(trouble.stderr.splitlines())) == (2, 1)
    assert cli.run("diff", "nw1", "7").exit_code == 2


def test_diff_of_all_regions(cli: CommandLine) -> None:
    both = cli.run("diff")
    assert both.exit_code == 1
    assert "nw1: no stored version is known to be in force" in both.stderr
    assert "se1: no stored version is known to be in force" in both.stderr


@pytest.mark.usefixtures("agents")
def test_check_asks_every_region_and_changes_nothing(cli: CommandLine) -> None:
    done = cli.run("check")
    assert done.exit_code == 0, done.output
    for region in ("nw1", "se1"):
        assert f"{region}: version 1" in done.stdout
    assert done.stdout.count("Kamailio takes it") == 2
    assert [row["in_force"] for row in cli.json("render") if "region" in row] == [False, False]
    assert {(row["action"], row["state"]) for row in cli.json("history")} == {("check", "checked")}


def test_check_goes_on_after_a_refusal_and_fails(cli: CommandLine, settings: Settings) -> None:
    with working(settings, "nw1", takes_all), working(settings, "se1", refuses_se1):
        done = cli.run("check")
        assert done.exit_code == 1
        assert "se1: version 1 was refused: kamailio.cfg, line 7: syntax error\n" in done.stderr
        assert done.stderr.endswith("Error: se1: see above\n")
        assert "nw1" not in done.stderr


@pytest.fixture
def zone(client: FlaskClient, root: DictCursor) -> Iterator[str]:
    """Of a domain whose name server has no name, which named-checkzone refuses."""
    root.execute("DELETE FROM domain")
    client.post("/v1/domains", json={"name": "ill.example", "name_servers": ["ns1.example.net"]})
    root.execute("UPDATE domain SET name_servers = '[\"no name\"]' WHERE name = 'ill.example'")
    yield "ill.example"
    root.execute("DELETE FROM domain")


@pytest.mark.usefixtures("agents")
def test_D1_check_looks_at_zones_too(cli: CommandLine, client: FlaskClient, zone: str) -> None:
    client.post("/v1/domains", json={"name": "well.example", "name_servers": ["ns1.example.net"]})
    done = cli.run("check")
    assert "zone of well.example: right\n" in done.stdout
    assert f"zone of {zone}: " in done.stderr
    assert done.stderr.endswith(f"Error: zone of {zone}: see above\n")
    assert done.exit_code == 1
    assert cli.run("check", "nw1").exit_code == 0


@pytest.mark.usefixtures("agents")
def test_D1_render_and_diff_are_about_zones_too(
    cli: CommandLine, client: FlaskClient, root: DictCursor, tmp_path: Path
) -> None:
    root.execute("DELETE FROM domain")
    client.post("/v1/domains", json={"name": "third.example", "name_servers": ["ns1.example.net"]})
    assert "+nw1 IN A 127.0.11.1" in cli.run("diff").stdout
    rows = cli.json("render", "--output", str(tmp_path))
    assert [row["stored"] for row in rows if "domain" in row] == [True]
    assert (tmp_path / "reg.third.example.zone").read_text() == rows[-1]["text"]
    assert "zone of third.example" in cli.run("render").stdout
    assert "third.example" not in cli.run("diff").stdout
    client.patch("/v1/domains/third.example", json={"ttl": 90})
    assert "+$TTL 90" in cli.run("diff").stdout
    client.delete("/v1/domains/third.example")


def test_check_of_a_broken_template_names_it(cli: CommandLine, template: Template) -> None:
    template("{{ nothing }}")
    done = cli.run("check", "nw1")
    assert done.exit_code == 1
    assert "nw1: kamailio/region.cfg.j2, line 1: 'nothing' is undefined" in done.stderr


@pytest.fixture
def se1(settings: Settings, agent: PlayedAgent) -> Iterator[PlayedAgent]:  # noqa: ARG001 -- clears up
    with played(settings, "se1") as other:
        yield other


def test_history_is_of_all_regions_newest_first(
    cli: CommandLine, client: FlaskClient, agent: PlayedAgent, se1: PlayedAgent
) -> None:
    assert "nothing was applied yet" in cli.run("history").stderr
    for region, its_agent in (("nw1", agent), ("se1", se1)):
        made = client.post(f"/v1/regions/{region}/applications", json={"action": "apply"}).get_json()
        its_agent.ends(made["id"], "refused", "no\x1b[31mred")
    assert [row["region"] for row in cli.json("history")] == ["se1", "nw1"]
    assert [row["region"] for row in cli.json("history", "--limit", "1")] == ["se1"]
    shown = cli.run("history", "nw1").stdout
    assert "first administrator" in shown
    assert "refused" in shown
    assert "\x1b[31m" not in shown
