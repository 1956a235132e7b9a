"""`up`, `status`, `logs` and `down`, as an administrator meets them."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from api.service.launcher import of_instance
from tests.sip.instance import COMMAND, Instance
from tests.sip.processes import tree
from tests.sip.waiting import until


def processes(instance: Instance) -> list[int]:
    return [each.pid for each in of_instance(str(instance.home))]


def part(instance: Instance, name: str) -> int:
    """The living main process of a part."""
    found = until(lambda: instance.pids(name), 20, f"{name} runs")
    return found[0]


def ready(instance: Instance) -> None:
    until(lambda: instance.status()["ready"], 30, "ready")


def test_status_shows_every_part_and_region(running: Instance) -> None:
    status = until(lambda: told if (told := running.status())["ready"] else None, 10, "ready")
    assert (status["problems"], status["test_limits"]) == ([], False)
    assert {each["name"] for each in status["parts"]} == {
        "mariadb", "nw1-gateway", "nw1-agent", "se1-gateway", "se1-agent", "setup", "api", "housekeeper",
    }  # fmt: skip
    assert [(each["name"], each["options"]) for each in status["regions"]] == [("nw1", 200), ("se1", 200)]
    until(lambda: "ready" in running.run("status", check=False).stdout, 10, "it says so")


def test_a_revoked_administrator_s_key_is_named_and_everything_works(instance: Instance) -> None:
    instance.start()
    with httpx.Client(base_url=instance.url, headers={"Authorization": f"Bearer {instance.admin_key}"}) as first:
        other = first.post("/v1/keys", json={"label": "another"}).json()["key"]
        (admin,) = [each["id"] for each in first.get("/v1/keys").json()["items"] if each["label"] != "another"]
        first.delete(f"/v1/keys/{admin}").raise_for_status()
    note = "the key in secrets/admin.key is revoked: put a usable one there"
    assert note in instance.run("status", check=False).stdout
    instance.run("down")
    again = instance.run("up", "--detach")
    assert again.stderr.strip() == f"warning: {note}", "it waited in vain"
    (instance.home / "secrets" / "admin.key").write_text(other + "\n")
    ready(instance)
    assert instance.status()["notes"] == []


def test_a_second_up_says_that_the_first_one_runs(running: Instance) -> None:
    second = running.run("up", "--detach", check=False)
    assert second.returncode == 1
    assert "already running" in second.stderr
    ready(running)


def test_secrets_are_for_the_service_alone(running: Instance) -> None:
    keys = list((running.home / "secrets").iterdir())
    assert {key.name for key in keys} >= {"admin.key", "mariadb-root.key", "mariadb-api.key", "mariadb-region-nw1.key"}
    assert {key.stat().st_mode & 0o777 for key in keys} == {0o600}
    for folder in ("secrets", "mariadb", "region/nw1", "log", "run"):
        assert (running.home / folder).stat().st_mode & 0o077 == 0, folder


@pytest.mark.parametrize("name", ["nw1-gateway", "nw1-agent"])
def test_a_region_runs_the_instances_own_copy_of_the_build(running: Instance, name: str) -> None:
    mapped = {
        line.split()[-1]
        for pid in tree([part(running, name)])
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines()
        if "/kemi/" in line
    }
    assert mapped
    own = str((running.home / "code").resolve())
    assert [path for path in mapped if not path.startswith(own)] == []


def test_C2_no_secret_is_in_an_argument_or_the_environment(running: Instance) -> None:
    secrets = [key.read_bytes().strip() for key in (running.home / "secrets").iterdir()]
    for pid in processes(running):
        seen = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
        assert not any(secret in seen for secret in secrets), pid


@pytest.mark.parametrize("name", ["nw1-gateway", "se1-agent", "api", "housekeeper", "mariadb"])
def test_a_part_that_is_killed_comes_back(running: Instance, name: str) -> None:
    before = part(running, name)
    os.kill(before, signal.SIGKILL)
    until(lambda: running.pids(name) not in ([], [before]), 20, f"{name} is back")
    ready(running)


def test_a_gateway_whose_main_process_is_killed_leaves_no_worker_on_the_port(running: Instance) -> None:
    main = part(running, "nw1-gateway")
    old = {each.pid for each in of_instance(str(running.home)) if each.part == "nw1-gateway"}
    assert len(old) > 1
    os.kill(main, signal.SIGKILL)
    until(lambda: running.pids("nw1-gateway") not in ([], [main]), 20, "the gateway is back")
    ready(running)
    assert not old & set(processes(running))


def test_logs_shows_one_part_or_all(running: Instance) -> None:
    one = running.run("logs", "mariadb").stdout
    every = running.run("logs").stdout
    assert "ready for connections" in one
    assert "nw1-gateway.log" in every
    unknown = running.run("logs", "nothing", check=False)
    assert unknown.returncode == 2
    assert "nw1-gateway" in unknown.stderr


def test_down_leaves_no_process_and_the_state(instance: Instance) -> None:
    instance.start()
    key = instance.admin_key
    assert processes(instance)
    instance.run("down")
    assert processes(instance) == []
    assert instance.status()["ready"] is False
    instance.start()
    assert instance.admin_key == key


def test_down_cleans_up_after_a_supervisor_that_was_killed(instance: Instance) -> None:
    instance.start()
    supervisor = next(each.pid for each in of_instance(str(instance.home)) if each.part == "supervisor")
    os.kill(supervisor, signal.SIGKILL)
    assert processes(instance)
    instance.run("down")
    assert processes(instance) == []


def test_up_cleans_up_after_a_supervisor_that_was_killed(instance: Instance) -> None:
    instance.start()
    supervisor = next(each.pid for each in of_instance(str(instance.home)) if each.part == "supervisor")
    os.kill(supervisor, signal.SIGKILL)
    again = instance.run("up", "--detach")
    assert "an earlier run had left" in again.stderr
    ready(instance)


@contextmanager
def foreground(instance: Instance) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "TURNPIKE_VAR": str(instance.home)}
    with subprocess.Popen([COMMAND, "up"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as up:
        try:
            yield up
        finally:
            up.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_up_in_the_foreground_stops_everything(instance: Instance, number: signal.Signals) -> None:
    with foreground(instance) as up:
        until(lambda: instance.status()["ready"], 60, "ready")
        up.send_signal(number)
        assert up.wait(60) == 0
    assert processes(instance) == []


def test_a_signal_during_the_start_leaves_nothing(instance: Instance) -> None:
    with foreground(instance) as up:
        until(lambda: any(each.part == "mariadb" for each in of_instance(str(instance.home))), 60, "half started")
        up.send_signal(signal.SIGINT)
        assert up.wait(60) == 0
    assert processes(instance) == []


def test_up_in_the_foreground_ends_with_down(instance: Instance) -> None:
    with foreground(instance) as up:
        until(lambda: instance.status()["ready"], 60, "ready")
        instance.run("down")
        assert up.wait(60) == 0


def test_up_in_the_foreground_stops_the_parts_of_a_killed_supervisor(instance: Instance) -> None:
    with foreground(instance) as up:
        until(lambda: instance.status()["ready"], 60, "ready")
        os.kill(next(each.pid for each in of_instance(str(instance.home)) if each.part == "supervisor"), signal.SIGKILL)
        assert up.wait(60) == 1
    assert processes(instance) == []


def test_test_limits_are_said_in_status_and_log() -> None:
    instance = Instance("service", limits={"interval": 2})
    try:
        table = instance.run("up", "--detach").stdout
        assert "TEST LIMITS" in table
        assert instance.status()["test_limits"] is True
        assert "TEST LIMITS" in instance.run("status").stdout
        assert "TEST LIMITS" in (instance.home / "log" / "setup.log").read_text()
    finally:
        instance.stop()
