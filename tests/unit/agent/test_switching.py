"""What is refused before a gateway notices anything (F3)."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from kemi.agent.switching import Switch
from kemi.configuration import digest
from kemi.configurations import Configurations
from kemi.region import Limits, Region, Thresholds, load

Files = dict[str, str]


def files(**facts: object) -> Files:
    limits, thresholds = asdict(Limits()), asdict(Thresholds())
    own = {"region": "nw1", "address": "127.0.1.1", "port": 5060, "realm": "registration", "test_limits": False}
    own |= {"limits": limits, "thresholds": thresholds}
    return {"kamailio.cfg": "#!KAMAILIO\n", "region.json": json.dumps(own | facts)}


@pytest.fixture
def region(tmp_path: Path) -> Region:
    (tmp_path / "host.json").write_text(json.dumps({"home": str(tmp_path)}))
    configurations = Configurations(tmp_path)
    configurations.prepare(configurations.add(files()))
    configurations.switch()
    configurations.forget()
    return load(tmp_path, configurations.current.resolve())


@pytest.fixture
def switch(region: Region) -> Switch:
    return Switch(region, {"gateway": ["/bin/true"], "log": "log", "starts": "starts"})


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize(
    "facts", [{"address": "127.0.1.2"}, {"realm": "x"}, {"test_limits": True}, {"limits": {"interval": 1}}]
)
def test_F3_what_a_start_decides_is_no_configuration_s(
    switch: Switch, region: Region, facts: dict[str, object], damaged: bool
) -> None:
    """Also when what is in force cannot be read any more."""
    if damaged:
        (region.home / "current" / "region.json").write_text("")
    other = files(**facts)
    outcome = switch.check(other, digest(other))
    assert outcome.state == "refused"


def test_F3_what_changes_nothing_of_that_passes(switch: Switch) -> None:
    other = files(thresholds={"flood_requests": 1234})
    assert switch.check(other, digest(other)).state == "checked"
