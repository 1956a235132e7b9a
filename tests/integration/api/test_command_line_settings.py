"""Settings of PBXs on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.pbxs.trunk import PLACEHOLDER
from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_C2_settings_come_behind_the_row_that_has_the_password(cli: CommandLine) -> None:
    done = cli.run("credential", "create", "--label", "a PBX", "--pbx", "asterisk")
    assert done.exit_code == 0, done.stderr
    row, _, text = done.stdout.partition("\n\n")
    password = next(line.split()[-1] for line in row.splitlines() if line.startswith("password"))
    assert f"\npassword={password}\n" in text
    assert "settings" not in row
    assert text.startswith("; Trunk ")


def test_C2_settings_are_saved_for_their_owner_alone(cli: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "trunk"
    made = cli.json("credential", "create", "--label", "a PBX", "--pbx", "kamailio", "--output", str(folder))
    assert names(folder) == {"trunk.cfg", "uacreg", "version"}
    assert made["settings"]["files"] == [f"{folder}/{name}" for name in ("trunk.cfg", "uacreg", "version")]
    assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made["password"] in (folder / "uacreg").read_text()
    assert (folder / "version").read_text().endswith("1:uacreg:5\n")


def test_nothing_is_overwritten_and_then_nothing_is_made(cli: CommandLine, tmp_path: Path) -> None:
    made = cli.json("credential", "create", "--label", "a PBX")
    older = tmp_path / "trunk.xml"
    older.write_text("older")
    output = ("--pbx", "freeswitch", "--output", str(tmp_path))
    for arguments in (
        ("credential", "create", "--label", "never made", *output),
        ("credential", "rotate", made["username"], *output),
        ("credential", "settings", made["username"], *output),
    ):
        assert "exists already" in cli.refusal(*arguments)
    assert older.read_text() == "older"
    assert cli.json("credential", "list", "--label", "never made") == []
    assert cli.json("credential", "show", made["id"])["rotated_at"] is None
    older.unlink()
    rotated = cli.run("credential", "rotate", made["username"], "--grace", "1h", *output)
    assert f"wrote {older}" in rotated.stderr
    password = older.read_text().partition('"password" value="')[2].partition('"')[0]
    assert password not in rotated.stdout
    assert password not in rotated.stderr
    assert made["password"] not in older.read_text()
    assert PLACEHOLDER not in older.read_text()


def test_a_refusal_leaves_no_file(cli: CommandLine, tmp_path: Path) -> None:
    wanted = ("--pbx", "plain", "--domain", "nowhere.example", "--output", str(tmp_path))
    assert "no domain nowhere.example" in cli.refusal("credential", "create", "--label", "a PBX", *wanted)
    assert names(tmp_path) == set()


def test_settings_are_shown_later_without_the_password(cli: CommandLine, tmp_path: Path) -> None:
    made = cli.json("credential", "create", "--label", "a PBX", "--pbx", "plain")
    shown = cli.run("credential", "settings", made["username"], "--pbx", "plain").stdout
    assert shown.startswith(f"Trunk {made['username']}\n")
    assert made["password"] not in shown
    assert shown == made["settings"]["files"][0]["text"].replace(made["password"], PLACEHOLDER).replace(
        "\n\n", f"\n\nThe password was shown once: enter it in place of {PLACEHOLDER}.\n\n", 1
    )
    several = cli.run("credential", "settings", made["id"], "--pbx", "kamailio").stdout
    assert [line for line in several.splitlines() if line.startswith("--- ")] == [
        "--- trunk.cfg",
        "--- uacreg",
        "--- version",
    ]
    assert cli.json("credential", "settings", made["id"], "--pbx", "3cx")["pbx"] == "3cx"
    saved = cli.json("credential", "settings", made["id"], "--pbx", "3cx", "--output", str(tmp_path))
    assert saved["files"] == [f"{tmp_path}/3cx.txt"]


def test_what_is_missing_is_named(cli: CommandLine, tmp_path: Path) -> None:
    for arguments in (
        ("settings", "k3v8n2mq7x4t"),
        ("create", "--label", "a PBX", "--output", str(tmp_path)),
        ("settings", "k3v8n2mq7x4t", "--pbx", "elastix"),
    ):
        done = cli.run("credential", *arguments)
        assert done.exit_code == 2
        assert "--pbx" in done.stderr
    assert "name pbx too" in cli.refusal("credential", "create", "--label", "a PBX", "--domain", "example.net")
    blocked = tmp_path / "file"
    blocked.touch()
    assert "cannot be written" in cli.refusal(
        "credential", "create", "--label", "a PBX", "--pbx", "plain", "--output", str(blocked / "below")
    )
