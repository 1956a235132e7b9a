"""Calls, and files of calls and numbers, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pymysql.cursors import DictCursor

from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


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
    header, row = cli.run("usage", "--csv", "-").stdout.splitlines()
    assert header == "day,tenant,direction,calls,answered,seconds"
    assert ",outbound,1," in row
    assert "choose --csv or --json" in cli.run("usage", "--csv", "-", "--json").output


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
    assert cli.json("number", "import", str(file), "--dry-run")["wrong"] == 0
    assert cli.json("number", "list", "--prefix", "+1506") == []
    assert cli.json("number", "import", str(file))["rows"] == 2
    assert cli.run("number", "export", "--prefix", "+1506").stdout.split() == file.read_text().split()
    again = cli.run("number", "import", str(file))
    assert again.exit_code == 1
    assert again.stderr.splitlines()[-3:-1] == [f"{line}: number: there is this number already" for line in (2, 3)]
    assert "2 of 2 rows" in again.stderr.splitlines()[-1]


def test_C5_calls_are_ended_with_a_credential_when_told(cli: CommandLine) -> None:
    name = cli.json("credential", "create", "--label", "x")["id"]
    assert cli.json("credential", "disable", name, "--end-calls")["ending_calls"] == 0
    assert cli.json("credential", "rotate", name, "--end-calls")["ending_calls"] == 0
    assert cli.json("credential", "delete", name, "--end-calls")["ending_calls"] == 0
