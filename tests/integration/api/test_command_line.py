"""The command line against the API under its production server."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from pymysql.cursors import DictCursor

from api.settings import ROOT, Settings
from tests.integration.api.shell import CommandLine, cli, environment, free_port, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


def test_credential_goes_through_its_life(cli: CommandLine) -> None:
    made = cli.json("credential", "create", "--label", "From the shell")
    name = made["username"]
    assert len(made["password"]) == 24
    assert cli.json("credential", "disable", name)["enabled"] is False
    assert cli.json("credential", "enable", made["id"])["enabled"] is True
    assert cli.json("credential", "label", name, "Renamed")["label"] == "Renamed"
    assert cli.json("credential", "rotate", name)["password"] != made["password"]
    assert cli.json("credential", "show", name)["bindings"] == []
    assert [row["id"] for row in cli.json("credential", "list", "--label", "Renamed")] == [made["id"]]
    assert cli.json("credential", "delete", name)["username"] == name
    assert "there is no credential" in cli.refusal("credential", "show", name)
    assert "GET /v1/credentials" in cli.refusal("credential", "show", made["id"])


def test_C4_an_old_password_works_for_a_while(cli: CommandLine) -> None:
    name = cli.json("credential", "create", "--label", "Rotating")["username"]
    assert cli.json("credential", "rotate", name, "--grace", "36h")["old_password_until"] is not None
    assert [row["username"] for row in cli.json("credential", "list", "--in-grace", "--label", "Rotating")] == [name]
    cli.json("credential", "rotate", name, "--grace", "90m")
    (warning,) = cli.json("credential", "show", name)["warnings"]
    assert warning in cli.run("credential", "show", name).stdout
    assert cli.json("credential", "end-grace", name)["old_password_until"] is None
    assert "only its present one does" in cli.refusal("credential", "end-grace", name)
    assert "grace_seconds" in cli.refusal("credential", "rotate", name, "--grace", "8d")
    wrong = cli.run("credential", "rotate", name, "--grace", "two days")
    assert (wrong.exit_code, "write 90s, 30m, 36h or 2d" in wrong.stderr) == (2, True)


def test_tenant_goes_through_its_life(cli: CommandLine) -> None:
    cli.json("tenant", "create", "shell.1", "--name", "Shell", "--contact", "me")
    credential = cli.json("credential", "create", "--label", "x", "--tenant", "shell.1")
    assert "is in use by 1 credential" in cli.refusal("tenant", "delete", "shell.1")
    assert cli.json("credential", "move", credential["id"])["tenant"] is None
    assert cli.json("tenant", "change", "shell.1", "--contact", "")["contact"] is None
    assert "shell.1" in [row["account_id"] for row in cli.json("tenant", "list")]
    assert cli.json("tenant", "delete", "shell.1") == {"account_id": "shell.1"}


def test_number_goes_through_its_life(cli: CommandLine) -> None:
    credential = cli.json("credential", "create", "--label", "x")["id"]
    made = cli.json("number", "create", "+14155559901", "--label", "Shop", "--credential", credential)
    assert (made["credential"], made["label"]) == (credential, "Shop")
    assert "in use by 1 number" in cli.refusal("credential", "delete", credential)
    assert cli.json("number", "change", "+14155559901", "--credential", "")["credential"] is None
    unrouted = cli.json("number", "list", "--unrouted", "--prefix", "1415555990")
    assert [row["number"] for row in unrouted] == ["+14155559901"]
    assert cli.json("number", "show", "+14155559901")["label"] == "Shop"
    assert "E.164" in cli.refusal("number", "create", "4155559901")
    assert cli.json("number", "delete", "+14155559901")["number"] == "+14155559901"
    cli.json("credential", "delete", credential)


def test_core_goes_through_its_life(cli: CommandLine) -> None:
    made = cli.json("core", "add", "se1", "198.51.100.7", "--port", "5070", "--label", "B")
    assert cli.json("core", "disable", made["id"])["enabled"] is False
    assert cli.json("core", "enable", made["id"])["enabled"] is True
    assert made["id"] in [row["id"] for row in cli.json("core", "list", "--region", "se1")]
    assert "there is no region" in cli.refusal("core", "add", "xx", "198.51.100.7")
    assert cli.json("core", "remove", made["id"])["id"] == made["id"]


def test_region_goes_through_its_life(cli: CommandLine) -> None:
    made = cli.json("region", "add", "eu1", "198.51.100.30", "--label", "Frankfurt")
    assert (made["state"], made["label"]) == ("out", "Frankfurt")
    assert "is not ready" in cli.refusal("region", "state", "eu1", "in-service")
    assert cli.json("region", "state", "eu1", "in-service", "--force")["state"] == "in-service"
    assert cli.json("region", "label", "eu1")["label"] is None
    assert cli.json("region", "move", "eu1", "198.51.100.31")["address"] == "198.51.100.31"
    assert "eu1" in [row["name"] for row in cli.json("region", "list")]
    assert "drain it first" in cli.refusal("region", "remove", "eu1")
    assert cli.json("region", "state", "eu1", "draining")["state"] == "draining"
    assert cli.json("region", "show", "eu1")["ready"] is False
    assert cli.json("region", "remove", "eu1")["name"] == "eu1"
    assert "There is no region eu1" in cli.refusal("region", "show", "eu1")
    assert cli.run("region", "state", "nw1", "up").exit_code == 2


def test_emergency_list_is_edited(cli: CommandLine) -> None:
    assert cli.json("emergency", "add", "110", "--note", "police")["note"] == "police"
    assert {"110", "911"} <= {row["digits"] for row in cli.json("emergency", "list")}
    assert cli.json("emergency", "remove", "110")["digits"] == "110"


def test_people_get_tables_with_whole_values(cli: CommandLine) -> None:
    made = cli.run("credential", "create", "--label", "For people [bold]")
    assert made.exit_code == 0
    assert "password" in made.stdout
    assert "For people [bold]" in made.stdout
    rows = cli.run("credential", "list", "--label", "For people").stdout.splitlines()
    assert "username" in rows[0]
    assert "For people [bold]" in rows[1]
    assert "nw1" in cli.run("region", "list").stdout


def test_what_a_stranger_sent_does_not_steer_the_terminal(cli: CommandLine, root: DictCursor) -> None:
    root.execute(
        "INSERT INTO event (region, at, rule, cause, user_agent, address, sentence)"
        " VALUES ('nw1', UTC_TIMESTAMP(3), 'R2', 'password', %s, '192.0.2.66', 'x')",
        ("evil\x1b[2J\x1b]0;title\x07\r\n[red]",),
    )
    shown = cli.run("event", "list", "--address", "192.0.2.66").stdout
    assert "evil" in shown
    assert "[red]" in shown
    assert not set(shown) & set("\x1b\x07\r")
    assert len(shown.splitlines()) == 2


def test_a_change_that_regions_have_not_applied_is_said(cli: CommandLine) -> None:
    made = cli.json("credential", "create", "--label", "pending")
    done = cli.run("credential", "disable", made["id"])
    assert done.exit_code == 0
    assert "not applied yet in nw1, se1" in done.stderr


@pytest.mark.parametrize(
    "what",
    [
        "binding",
        "block",
        "event",
        "region",
        "user-agent",
        "key",
        "tenant",
        "credential",
        "cdr",
        "call",
        "user",
        "audit",
    ],
)
def test_every_list_is_json_for_programs(cli: CommandLine, what: str) -> None:
    assert isinstance(cli.json(what, "list"), list)


def test_user_agents_and_keys_are_edited(cli: CommandLine) -> None:
    rule = cli.json("user-agent", "add", "scanner", "evil *", "--note", "seen today")
    assert cli.json("user-agent", "remove", rule["id"])["id"] == rule["id"]
    key = cli.json("key", "create", "--label", "shell")
    assert cli.json("key", "revoke", key["id"])["revoked_at"] is not None
    assert "revoked" in cli.refusal("key", "list", TURNPIKE_API_KEY=key["key"])


def test_unknown_rows_are_one_line(cli: CommandLine) -> None:
    assert "There is no binding b-x:" in cli.refusal("binding", "remove", "b-x")
    assert "There is no active block" in cli.refusal("block", "lift", "k-x")


def test_wrong_values_are_one_line(cli: CommandLine) -> None:
    assert "no spaces (rule T1)" in cli.refusal("tenant", "create", "a b", "--name", "x")
    assert "there is no tenant" in cli.refusal("credential", "create", "--label", "x", "--tenant", "nobody")


def test_api_that_does_not_run_is_one_line(cli: CommandLine) -> None:
    line = cli.refusal("credential", "list", TURNPIKE_API_URL=f"http://127.0.11.1:{free_port()}")
    assert "start the service (./turnpike up)" in line


def test_missing_key_is_one_line(cli: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> None:
    line = cli.refusal("credential", "list", TURNPIKE_VAR=str(tmp_path_factory.mktemp("empty")))
    assert "start the service once (./turnpike up)" in line


def test_command_is_a_program(settings: Settings, port: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "region", "list", "--json"],
        cwd=ROOT,
        env=environment(settings, TURNPIKE_API_URL=f"http://127.0.11.1:{port}"),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert [row["name"] for row in json.loads(done.stdout)] == ["nw1", "se1"]
