"""Domains and zones on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.api.shell import CommandLine, cli, port, server

__all__ = ["cli", "port", "server"]
pytestmark = pytest.mark.usefixtures("server")


def test_a_domain_and_its_zone(cli: CommandLine, tmp_path: Path) -> None:
    name, file = "shell.example", tmp_path / "zone"
    made = cli.json("domain", "add", name, "--name-server", "ns1.example.net", "--name-server", "ns2.example.net")
    assert made["name_servers"] == ["ns1.example.net", "ns2.example.net"]
    assert cli.json("domain", "change", name, "--label", "Shell", "--ttl", "120")["label"] == "Shell"
    assert cli.json("domain", "change", name, "--label", "")["label"] is None
    assert name in cli.run("domain", "list").stdout
    assert f"reg.{name}" in cli.run("domain", "show", name).stdout
    assert cli.run("dns", "render", name, "--output", str(file)).stdout == ""
    assert file.read_text() == cli.run("dns", "render", name).stdout
    assert cli.run("dns", "diff", name).stdout == ""
    assert [row["version"] for row in cli.json("dns", "history", name)] == [1]
    assert [each["passed"] for each in cli.json("dns", "check", name)] == [True]
    assert cli.json("domain", "remove", name) == {"name": name}
    assert f"There is no domain {name}" in cli.refusal("dns", "render", name)


def test_a_zone_file_is_the_old_one_or_the_new_one(cli: CommandLine, tmp_path: Path) -> None:
    name, file = "shell-2.example", tmp_path / "zone"
    cli.json("domain", "add", name, "--name-server", "ns1.example.net")
    file.write_text("old")
    file.chmod(0o640)
    assert "cannot be written" in cli.refusal("dns", "render", name, "--output", str(tmp_path / "none" / "zone"))
    cli.run("dns", "render", name, "--output", str(file))
    assert (file.stat().st_mode & 0o777, [each.name for each in tmp_path.iterdir()]) == (0o640, ["zone"])
    assert file.read_text().startswith(f"; reg.{name}")
    cli.json("domain", "remove", name)
