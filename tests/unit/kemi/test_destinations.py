"""The dispatcher's list: this region's cores, and a set for each other region."""

from dataclasses import replace
from pathlib import Path

import pytest

from kemi import destinations
from kemi.region import Limits, Region, Thresholds
from tests.unit.kemi.callers import CORE, OTHER_CORE, with_cores
from tests.unit.kemi.fake_ksr import FakeKsr
from tests.unit.kemi.world import NEIGHBOUR, World


@pytest.fixture
def region(tmp_path: Path) -> Region:
    others = (("eu1", "192.0.2.3"), ("se1", "192.0.2.2"))
    return Region("nw1", "192.0.2.1", 5060, "r", tmp_path, Limits(), Thresholds(), False, others)


def _cores(ksr: FakeKsr, text: str) -> None:
    ksr.htable.sht_sets("meta", "cores", text)


def test_O6_cores_are_set_1_and_each_region_has_its_own(ksr: FakeKsr, region: Region) -> None:
    _cores(ksr, '[["192.0.2.200", 5060], ["192.0.2.201", 5070]]')
    assert destinations.write(ksr.htable, region)
    assert region.destinations.read_text().splitlines() == [
        "1 sip:192.0.2.200:5060",
        "1 sip:192.0.2.201:5070",
        "2 sip:192.0.2.3:5060",
        "3 sip:192.0.2.2:5060",
    ]
    assert [destinations.region_set(region, name) for name in ("eu1", "se1")] == [2, 3]


def test_only_a_change_is_one(ksr: FakeKsr, region: Region) -> None:
    _cores(ksr, '[["192.0.2.200", 5060]]')
    assert [destinations.write(ksr.htable, region) for _ in range(2)] == [True, False]
    _cores(ksr, "[]")
    assert destinations.write(ksr.htable, region)


def test_a_region_without_cores_and_neighbours_has_an_empty_list(ksr: FakeKsr, region: Region) -> None:
    alone = replace(region, neighbours=())
    assert destinations.write(ksr.htable, alone)
    assert alone.destinations.read_text() == ""


def test_a_region_that_is_unknown_has_no_set(region: Region) -> None:
    with pytest.raises(ValueError, match="not in list"):
        destinations.region_set(region, "xx1")


def test_O6_a_change_is_read_by_the_dispatcher_at_once_and_only_then(world: World) -> None:
    with_cores(world, CORE)
    world.tick(2)
    assert world.ksr.dispatcher.reloads == 0
    world.stored(("core", ("co-2", OTHER_CORE.address, 5060, "enabled")))
    world.tick(2)
    assert world.ksr.dispatcher.reloads == 1
    assert (world.home / "dispatcher.list").read_text().splitlines() == [
        f"1 sip:{CORE.address}:5060",
        f"1 sip:{OTHER_CORE.address}:5060",
        f"2 sip:{NEIGHBOUR}:5060",
    ]
