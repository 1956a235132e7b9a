"""`./turnpike demo` on a running instance: its story, and that nothing of it is left, however it ends."""

import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.demo.core import Core
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.sip.processes import started_for
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until

LISTS = ("tenants", "credentials", "numbers", "cores", "bindings", "calls", "blocks")
TALKING = "they hear each other"
DELETED = "numbers, credentials, core gateways and tenant are deleted"


@pytest.fixture(scope="module")
def service() -> Iterator[Turnpike]:
    instance = Instance("demo")
    try:
        instance.start()
        service = Turnpike(instance)
        yield service
        service.close()
    finally:
        instance.stop()


def everything(service: Turnpike) -> dict[str, Any]:
    """What a demonstration could leave."""
    rows: dict[str, Any] = {name: service.api.rows(f"/v1/{name}") for name in LISTS}
    folders = {path.name for path in Path(tempfile.gettempdir()).glob("turnpike-demo-*")}
    return rows | {"folders": folders, "processes": started_for(service.instance.home)}


@pytest.fixture
def before(service: Turnpike) -> dict[str, Any]:
    """With a customer of the instance's own, and a core to which it sends no calls."""
    if not service.api.rows("/v1/tenants"):
        service.api.send("POST", "/v1/tenants", {"account_id": "acme-42", "name": "Acme Ltd"})
        service.api.send("POST", "/v1/credentials", {"label": "Acme", "tenant": "acme-42"})
        service.api.send("POST", "/v1/cores", {"region": "nw1", "address": "127.0.0.9", "enabled": False})
    return everything(service)


def until_talking(running: subprocess.Popen[str]) -> None:
    """The demonstration has come to the middle of its first call."""
    assert running.stdout is not None
    assert any(TALKING in line for line in running.stdout), "it ended before"


def account(story: str) -> str:
    return re.findall(r"tenant (demo-\w+)", story)[0]


def test_the_story_is_told_and_nothing_is_left(service: Turnpike, before: dict[str, Any]) -> None:
    story = service.instance.run("demo", seconds=240).stdout
    tenant = account(story)
    for point in (
        r"PBX A ──REGISTER──▶ nw1\n +401 who are you\?, 200 OK: granted 300 s",
        r"PBX B ──REGISTER──▶ se1\n +401 who are you\?, 200 OK: granted 300 s",
        r"PBX A ──INVITE \+1202555\d+──▶ nw1 ──▶ core nw1\n +407 who are you\?, 100 trying, 180 ringing, 200 OK",
        r"PBX A ──INVITE \+1202555\d+──▶ se1 ──▶ core se1\n",
        rf"X-Tenant: {tenant}\n",
        TALKING,
        r"call c-\w+ is listed: outbound, answered",
        r"PBX A ──INVITE \+1202555\d+──▶ nw1\n +407 who are you\?, 503 later, Retry-After: 1;",
        r"rule O2\)\n +Calls are made faster than one a second\. Try again in 1 s\.",
        r"core nw1 ──INVITE \+1202555\d+──▶ nw1 ──▶ PBX A\n",
        r"core nw1 ──INVITE \+1202555\d+──▶ nw1 ──▶ se1 ──▶ PBX A\n",
        r"DELETE /v1/calls/c-\w+\n(.*\n)*.*se1 ──BYE──▶ PBX B\n(.*\n)*.*se1 ──BYE──▶ core se1",
        r"PBX B ▶ se1 ▶ core se1 .* 200 .* administrator",
        rf"{tenant} +outbound +5 +4 +",
        DELETED,
    ):
        assert re.search(point, story), f"{point} in {story}"
    assert everything(service) == before
    assert len(service.api.rows("/v1/cdrs", tenant=tenant)) == 9


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_that_is_stopped_in_the_middle_leaves_nothing(
    service: Turnpike, before: dict[str, Any], number: signal.Signals
) -> None:
    with service.instance.begin("demo") as running:
        until_talking(running)
        assert everything(service)["processes"] > before["processes"]
        running.send_signal(number)
        told, _ = running.communicate(timeout=90)
    assert running.returncode == 130
    assert DELETED in told
    assert "stopped before the end of the story" in told
    assert everything(service) == before


def test_what_a_killed_one_leaves_is_removed_when_asked(service: Turnpike, before: dict[str, Any]) -> None:
    with service.instance.begin("demo") as running:
        until_talking(running)
        running.kill()
    until(lambda: everything(service)["processes"] == before["processes"], 10, "its programs end with it")
    refused = service.instance.run("demo", check=False)
    assert refused.returncode == 1
    assert "./turnpike demo --clean" in refused.stderr
    service.instance.run("demo", "--clean")
    until(lambda: everything(service) == before, 10, "all is as before")


def test_it_does_not_run_where_its_calls_would_reach_the_carrier(service: Turnpike, before: dict[str, Any]) -> None:
    core = service.api.one("POST", "/v1/cores", {"region": "se1", "address": "127.0.0.8"})
    refused = service.instance.run("demo", check=False)
    service.api.send("DELETE", f"/v1/cores/{core['id']}")
    assert refused.returncode == 1
    assert "127.0.0.8 (se1)" in refused.stderr.splitlines()[-1]
    assert everything(service) == before


def test_its_core_answers_nobody_but_its_own_tenant(network: Network, tmp_path: Path) -> None:
    core = Core("nw1", network.address(), tmp_path, "demo-abc")
    core.start()
    try:
        until(core.is_there, 10, "sipp answers")
        pbx = network.pbx([(core.address, 5060)])
        for tenant, code in (("demo-abc", 200), ("demo-abcd", 480), ("acme-42", 480)):
            call = pbx.call("+12125550123", headers=(("X-Tenant", tenant),))
            until(lambda call=call: call.code, 5, "a final answer")
            assert call.code == code, tenant
            call.hang_up() if code == 200 else call.until_ended()
    finally:
        core.stop()


def test_without_a_running_instance_it_says_what_to_start() -> None:
    instance = Instance("none")
    done = instance.run("demo", check=False)
    instance.stop()
    assert done.returncode == 1
    assert "./turnpike up" in done.stderr.splitlines()[-1]
