"""The command line against the API under its production server."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner, Result
from pymysql.cursors import DictCursor

from api.cli import main
from api.settings import ROOT, Settings
from tests.integration.api.server import wait_until

pytestmark = pytest.mark.usefixtures("server")


def environment(settings: Settings, **more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TURNPIKE_")}
    return clean | {"TURNPIKE_VAR": str(settings.home)} | more


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.11.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(settings: Settings, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.11.1:{port}", "-k", "gthread", "--threads", "4"]
    with subprocess.Popen(
        [*command, "--no-control-socket", "api.wsgi:application()"], cwd=ROOT, env=environment(settings)
    ) as process:
        try:
            wait_until(lambda: answers(port), what="the API under gunicorn")
            yield
        finally:
            process.terminate()


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.11.1:{port}/v1/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


class CommandLine:
    """Runs `turnpike` commands on the instance."""

    def __init__(self, settings: Settings, url: str) -> None:
        self._variables = {"TURNPIKE_VAR": str(settings.home), "TURNPIKE_API_URL": url, "TURNPIKE_API_KEY": None}

    def run(self, *arguments: str, **variables: str) -> Result:
        return CliRunner().invoke(main, arguments, env={**self._variables, **variables})

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    def refusal(self, *arguments: str, **variables: str) -> str:
        """The one line of a command that fails."""
        done = self.run(*arguments, **variables)
        assert done.exit_code == 1, done.output
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.stderr


@pytest.fixture(scope="module")
def cli(settings: Settings, port: int) -> CommandLine:
    return CommandLine(settings, f"http://127.0.11.1:{port}")


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


@pytest.fixture
def calls(root: DictCursor) -> Iterator[None]:
    """One that has ended today, one that goes on."""
    root.execute(
        "INSERT INTO cdr (id, region, started_at, direction, caller, answered_at, ended_at, code) VALUES"
        " ('c-over', 'nw1', UTC_TIMESTAMP(3), 'outbound', '+14155550100', UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), 200),"
        " ('c-live', 'se1', UTC_TIMESTAMP(3), 'inbound', '+14155550100', NULL, NULL, NULL)"
    )
    yield
    root.execute("DELETE FROM cdr")


@pytest.mark.usefixtures("calls")
def test_calls_are_listed_shown_and_ended(cli: CommandLine) -> None:
    assert [row["id"] for row in cli.json("cdr", "list", "--caller", "+1415*", "--answered")] == ["c-over"]
    assert cli.json("cdr", "list", "--code", "486", "--since", "2026-01-31") == []
    assert cli.json("cdr", "show", "c-over")["code"] == 200
    assert [row["id"] for row in cli.json("call", "list", "--region", "se1")] == ["c-live"]
    assert cli.json("call", "end", "c-live")["id"] == "c-live"
    assert "GET /v1/cdrs/c-over" in cli.refusal("call", "end", "c-over")
    assert [(row["direction"], row["calls"]) for row in cli.json("usage")] == [("outbound", 1)]
    assert "outbound" in cli.run("usage").stdout
    assert cli.json("usage", "--tenant", "nobody") == []


@pytest.mark.usefixtures("calls")
def test_an_export_is_a_whole_file_or_none(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    assert cli.run("cdr", "export", str(file), "--region", "nw1").exit_code == 0
    assert file.read_text().splitlines()[1].startswith("c-over,nw1,outbound")
    assert file.stat().st_mode & 0o777 == 0o600
    assert cli.run("cdr", "export").stdout == file.read_text()
    file.write_text("older")
    assert "since: write a time in UTC" in cli.refusal("cdr", "export", str(file), "--since", "yesterday")
    assert file.read_text() == "older"
    assert [each.name for each in tmp_path.iterdir()] == ["calls.csv"]
    assert cli.run("cdr", "export", "/dev/null").exit_code == 0
    assert Path("/dev/null").is_char_device()
    assert "cannot be written" in cli.refusal("cdr", "export", str(tmp_path / "no" / "where"))


def test_numbers_are_imported_and_exported(cli: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "numbers.csv"
    file.write_text("number,label,tenant,credential\n+15065550001,Desk,,\n+15065550002,,,\n")
    assert cli.json("number", "import", str(file), "--dry-run")["dry_run"] is True
    assert cli.json("number", "list", "--prefix", "+1506") == []
    assert cli.json("number", "import", str(file))["numbers"] == 2
    assert cli.run("number", "export", "--prefix", "+1506").stdout.split() == file.read_text().split()
    again = cli.run("number", "import", str(file))
    assert again.exit_code == 1
    assert again.stderr.splitlines()[:2] == [f"{line}: number: there is this number already" for line in (2, 3)]
    assert "2 of 2 rows" in again.stderr.splitlines()[2]


def test_C5_calls_are_ended_with_a_credential_when_told(cli: CommandLine) -> None:
    name = cli.json("credential", "create", "--label", "x")["id"]
    assert cli.json("credential", "disable", name, "--end-calls")["ending_calls"] == 0
    assert cli.json("credential", "rotate", name, "--end-calls")["ending_calls"] == 0
    assert cli.json("credential", "delete", name, "--end-calls")["ending_calls"] == 0


def test_core_goes_through_its_life(cli: CommandLine) -> None:
    made = cli.json("core", "add", "se1", "198.51.100.7", "--port", "5070", "--label", "B")
    assert cli.json("core", "disable", made["id"])["enabled"] is False
    assert cli.json("core", "enable", made["id"])["enabled"] is True
    assert made["id"] in [row["id"] for row in cli.json("core", "list", "--region", "se1")]
    assert "there is no region" in cli.refusal("core", "add", "xx", "198.51.100.7")
    assert cli.json("core", "remove", made["id"])["id"] == made["id"]


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
    "what", ["binding", "block", "event", "region", "user-agent", "key", "tenant", "credential", "cdr", "call"]
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
