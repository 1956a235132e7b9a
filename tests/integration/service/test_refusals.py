"""A start that cannot succeed: one line that says what to do, an exit status, and nothing left behind."""

import os
import shutil
import socket
from pathlib import Path

import pytest

from api.service.launcher import of_instance
from tests.sip.instance import Instance
from tests.sip.waiting import until


def refusal(instance: Instance, status: int = 1) -> str:
    """What `up` says when it refuses; checks that nothing runs afterwards."""
    done = instance.run("up", "--detach", check=False)
    said = done.stderr.strip().removeprefix("made a private MariaDB").strip()
    assert done.returncode == status, said
    assert said.startswith("Error: "), said
    assert "\n" not in said, said
    assert list(of_instance(str(instance.home))) == []
    return said


def test_a_region_s_port_that_is_taken(instance: Instance) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((instance.addresses.se1, 5060))
        said = refusal(instance)
    assert f"UDP port 5060 of {instance.addresses.se1} is taken by process {os.getpid()}" in said
    assert "settings.toml" in said


def test_the_api_s_port_that_is_taken(instance: Instance) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as other:
        other.bind(("127.0.0.1", instance.addresses.api_port))
        other.listen()
        said = refusal(instance)
    assert f"TCP port {instance.addresses.api_port} of 127.0.0.1 is taken" in said


def test_a_wrong_setting(instance: Instance) -> None:
    (instance.home / "settings.toml").write_text("api_port = 'many'\n")
    assert "settings.toml" in refusal(instance, status=2)


def test_a_hard_limit_in_the_settings(instance: Instance) -> None:
    (instance.home / "settings.toml").write_text("[limits]\ninterval = 1\n")
    assert "rules.md" in refusal(instance, status=2)


def test_a_state_folder_that_cannot_be_written(instance: Instance) -> None:
    shutil.rmtree(instance.home)
    instance.home.write_text("a file in its place")
    try:
        assert "TURNPIKE_VAR" in refusal(instance)
    finally:
        instance.home.unlink()


def test_a_state_folder_whose_path_is_too_long(instance: Instance, tmp_path: Path) -> None:
    far = tmp_path / ("x" * 100)
    shutil.copytree(instance.home, far)
    longer = Instance.__new__(Instance)
    longer.home, longer.addresses = far, instance.addresses
    longer._environment = {**os.environ, "TURNPIKE_VAR": str(far)}
    assert "too long" in refusal(longer)


def test_R1_another_realm_while_credentials_exist(instance: Instance) -> None:
    instance.start()
    instance.run("credential", "create", "--label", "a PBX")
    instance.run("down")
    settings = (instance.home / "settings.toml").read_text()
    facts = (instance.home / "region" / "nw1" / "current" / "region.json").read_text()
    (instance.home / "settings.toml").write_text('realm = "another"\n' + settings)
    assert "set realm back from another to registration" in refusal(instance)
    assert (instance.home / "region" / "nw1" / "current" / "region.json").read_text() == facts


def test_a_password_of_mariadb_s_root_that_is_wrong_or_missing(instance: Instance) -> None:
    instance.start()
    instance.run("down")
    file = instance.home / "secrets" / "mariadb-root.key"
    password = file.read_text()
    file.write_text("wrong\n")
    assert f"refuses the password: write the one of its user root to {file}" in refusal(instance)
    file.unlink()
    assert f"{file} cannot be read" in refusal(instance)
    file.write_text(password)
    instance.start()


def test_F1_regions_start_from_their_store_when_mariadb_is_missing(instance: Instance) -> None:
    instance.start()
    instance.run("down")
    (instance.home / "mariadb" / "data" / "ibdata1").write_bytes(b"broken")
    up = instance.run("up", "--detach")
    assert "serve what they knew last" in up.stderr
    assert not instance.status()["ready"]
    serving = lambda: [(each["options"], each["snapshot"]) for each in instance.status()["regions"]]  # noqa: E731
    until(lambda: serving() == [(200, True)] * 2, 10, "both regions serve")


@pytest.mark.parametrize("command", ["status", "down", "logs"])
def test_commands_on_an_instance_that_does_not_run(instance: Instance, command: str) -> None:
    done = instance.run(command, check=False)
    assert done.returncode == (0 if command == "down" else 1)
    assert len((done.stderr or done.stdout).strip().splitlines()) <= 2
