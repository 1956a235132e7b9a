"""The dispatcher's list: this region's cores, and a set for each other region."""

from pathlib import Path

import pytest

from kemi import destinations
from kemi.destinations import region_set
from kemi.region import Limits, Region, Thresholds
from tests.unit.kemi.callers import CORE, OTHER_CORE, with_cores
from tests.unit.kemi.fake_ksr import FakeKsr
from tests.unit.kemi.world import NEIGHBOUR, World


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region("nw1", "192.0.2.1", 5060, "r", tmp_path, Limits(), Thresholds(), False)


def _meta(ksr: FakeKsr, key: str, text: str) -> None:
    ksr.htable.sht_sets("meta", key, text)


def test_O6_cores_are_set_1_and_each_region_has_its_own(ksr: FakeKsr, region: Region) -> None:
    _meta(ksr, "cores", '[["192.0.2.200", 5060], ["192.0.2.201", 5070]]')
    _meta(ksr, "regions", '[["eu1", "192.0.2.3"], ["se1", "192.0.2.2"]]')
    assert destinations.write(ksr.htable, region)
    assert region.destinations.read_text().splitlines() == [
        "1 sip:192.0.2.200:5060",
        "1 sip:192.0.2.201:5070",
        f"{region_set('eu1')} sip:192.0.2.3:5060",
        f"{region_set('se1')} sip:192.0.2.2:5060",
    ]


def test_only_a_change_is_one(ksr: FakeKsr, region: Region) -> None:
    _meta(ksr, "cores", '[["192.0.2.200", 5060]]')
    assert [destinations.write(ksr.htable, region) for _ in range(2)] == [True, False]
    _meta(ksr, "cores", "[]")
    assert destinations.write(ksr.htable, region)


def test_a_region_that_knows_nobody_has_an_empty_list(ksr: FakeKsr, region: Region) -> None:
    assert destinations.write(ksr.htable, region)
    assert region.destinations.read_text() == ""


def test_I3_a_set_keeps_its_meaning_whichever_regions_come_and_go() -> None:
    """Numbers that a running gateway may have in hand: no change of this function between two versions either."""
    assert [region_set(name) for name in ("nw1", "se1", "eu1")] == [212389943, 1621266631, 852188500]


def test_regions_have_sets_of_their_own_within_what_the_dispatcher_counts() -> None:
    names = [
        f"{area}{number}" for area in ("nw", "ne", "sw", "se", "eu", "ap", "us-west-") for number in range(1, 1000)
    ]
    sets = {region_set(name) for name in names}
    assert len(sets) == len(names)
    assert destinations.CORES not in sets
    assert max(sets) <= destinations.LAST_SET


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
        f"{region_set('se1')} sip:{NEIGHBOUR}:5060",
    ]


def test_I3_regions_come_and_go_without_a_restart(world: World) -> None:
    world.tick()
    world.stored(("region", ("eu1", "127.0.19.1", "in-service")), ("region", ("se1", NEIGHBOUR, "gone")))
    world.tick(2)
    assert world.ksr.dispatcher.reloads == 1
    assert (world.home / "dispatcher.list").read_text() == f"{region_set('eu1')} sip:127.0.19.1:5060\n"


def test_D2_a_region_that_is_draining_goes_on_serving_other_regions(world: World) -> None:
    world.tick()
    world.stored(("region", ("se1", NEIGHBOUR, "draining")))
    world.tick(2)
    assert world.ksr.dispatcher.reloads == 0, "nothing is different for calls"
    assert NEIGHBOUR in (world.home / "dispatcher.list").read_text()


def test_O6_cores_that_do_not_answer_their_probes_are_dead(ksr: FakeKsr) -> None:
    _meta(ksr, "cores", '[["192.0.2.200", 5060], ["192.0.2.201", 5070]]')
    ksr.dispatcher.live = {1: ["sip:192.0.2.201:5070"]}
    assert destinations.dead(ksr.htable, ksr.dispatcher) == ["192.0.2.200:5060"]
    _meta(ksr, "cores", "[]")
    assert destinations.dead(ksr.htable, ksr.dispatcher) == []
