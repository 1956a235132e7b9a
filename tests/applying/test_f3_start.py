"""What starts bring is a version too, and what was brought or taken back outlives them (F3)."""

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from time import monotonic

import pytest

from kemi.configuration import digest
from tests.applying.host import Host, Row, threshold
from tests.sip.digest import Login
from tests.sip.instance import Instance
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until


@pytest.fixture
def instance() -> Iterator[Instance]:
    instance = Instance("start")
    yield instance
    instance.stop()


def login(instance: Instance) -> Login:
    with closing(Turnpike(instance)) as service:
        return service.new_credential().login


def history(host: Host) -> list[tuple[str, str, int, int | None]]:
    """Once the agent has told all that it has to tell."""
    host.is_tidy()
    rows: list[Row] = host.query("SELECT * FROM application WHERE region = 'nw1' ORDER BY id")
    return [(row["action"], row["state"], row["version"], row["previous"]) for row in rows]


def started(instance: Instance) -> Host:
    instance.start()
    service = Turnpike(instance)
    service.close()
    host = Host(service)
    until(lambda: host.reported()[1] == digest(host.files()), 20, "what is in force is reported")
    return host


def test_F3_versions_over_starts(instance: Instance) -> None:
    host = started(instance)
    assert history(host) == [("start", "in-force", 1, None)]
    (row,) = host.query("SELECT * FROM configuration WHERE region = 'nw1'")
    assert (row["digest"], json.loads(row["files"]), row["actor_kind"]) == (
        digest(host.files()),
        host.files(),
        "service",
    )
    assert host.apply(threshold(flood_requests=4000))["state"] == "in-force"
    assert host.apply(threshold(flood_requests=4001))["state"] == "in-force"
    assert host.apply(2, "rollback")["state"] == "in-force"
    before = history(host)
    instance.run("down")
    assert history(started(instance)) == before
    assert json.loads(host.files()["region.json"])["thresholds"]["flood_requests"] == 4000
    instance.run("down")
    with (instance.home / "settings.toml").open("a") as settings:
        settings.write("[thresholds]\nflood_requests = 4002\n")
    assert history(started(instance)) == [*before, ("start", "in-force", 4, 2)]
    assert host.apply(2, "rollback")["state"] == "in-force"


def test_F3_what_was_applied_and_taken_back_stays_so_over_a_start(instance: Instance) -> None:
    host = started(instance)
    before = host.files()
    with (instance.home / "settings.toml").open("a") as settings:
        settings.write("[thresholds]\nflood_requests = 4002\n")
    instance.run("apply", "nw1", "--yes")
    assert host.files() != before
    instance.run("rollback", "nw1", "--yes")
    instance.run("down")
    assert history(started(instance))[-1][0] == "rollback"
    assert host.files() == before


def test_F3_test_limits_end_with_their_file_and_no_version_brings_them_back(network: Network) -> None:
    instance = Instance("start", limits={"interval": 2})
    try:
        host = started(instance)
        assert json.loads(host.files()["region.json"])["limits"]["interval"] == 2
        instance.run("down")
        (instance.home / "limits.toml").unlink()
        host = started(instance)
        facts = json.loads(host.files()["region.json"])
        assert (facts["test_limits"], facts["limits"]["interval"]) == (False, 100)
        row = host.apply(1, "rollback")
        assert (row["state"], host.reported()[0]) == ("refused", 2)
        assert "only a start may bring test limits" in row["reason"]
        phone = network.phone(host.service.regions[0], login(instance))
        assert phone.register().status == 200
        assert 90 < (phone.register().retry_after or 0) <= 100
    finally:
        instance.stop()


def test_F3_an_instance_of_the_former_layout_starts_without_loss(instance: Instance, network: Network) -> None:
    host = started(instance)
    phone = network.phone(host.service.regions[0], login(instance))
    began = monotonic()
    assert phone.register().status == 200
    instance.run("down")
    for region in ("nw1", "se1"):
        home = instance.home / "region" / region
        facts = json.loads((home / "current" / "region.json").read_text())
        facts |= json.loads((home / "host.json").read_text())
        shutil.copy(home / "current" / "kamailio.cfg", home / "kamailio.cfg")
        shutil.rmtree(home / "configurations")
        for name in ("current", "host.json", "rendered.sha256", "applying.lock"):
            (home / name).unlink()
        (home / "region.json").write_text(json.dumps(facts))
    started(instance)
    assert phone.register().status == 429 or monotonic() - began > 100
    assert not (host.home / "region.json").exists()
    assert history(host) == [("start", "in-force", 1, None)]
