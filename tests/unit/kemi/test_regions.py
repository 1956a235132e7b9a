"""Other regions come and go while a gateway runs (rules I1, I3, B3 and D2); three of them share a PBX's calls."""

import pytest

from kemi.destinations import region_set
from kemi.inbound import HOP
from kemi.lists import LOOK_EVERY_MS, CoreList
from kemi.state import Peer
from tests.unit.kemi.callers import CORE, NUMBER, Line, call_in, lines, with_cores
from tests.unit.kemi.fake_ksr import FakeKsr, Source
from tests.unit.kemi.world import NEIGHBOUR, Pbx, World

EUROPE = Source("127.0.19.1", 5060)
GATEWAYS = {"eu1": EUROPE, "se1": Source(NEIGHBOUR, 5060)}
T = 1_764_000_000_000


def _region(world: World, name: str, state: str = "in-service") -> None:
    world.stored(("region", (name, GATEWAYS[name].address, state)))
    world.tick()
    world.clock.advance(LOOK_EVERY_MS / 1000)


def _registered(world: World, name: str) -> None:
    now = world.clock.now
    world.peer("alice", Peer(name, f"b-{name}", "127.0.17.20", 5062, "PBX", now, now + 300_000, False))
    world.tick()


@pytest.fixture
def three(world: World, alice: Pbx) -> World:
    """Alice is registered in nw1, se1 and eu1, which came last."""
    world.stored(("number", (NUMBER, "alice", None, 1)))
    for name, gateway in GATEWAYS.items():
        world.gateways[region_set(name)] = [f"sip:{gateway.address}:5060"]
        _registered(world, name)
    with_cores(world, CORE)
    assert alice.register().code == 200
    _region(world, "eu1")
    return world


def _first(world: World, place: Source) -> Line:
    """A call that goes to that place first."""
    return next(line for line in (call_in(world) for _ in range(3)) if line.leg.to == place)


def test_I3_calls_take_turns_among_three_regions(three: World, alice: Pbx) -> None:
    places = [call_in(three).leg.to for _ in range(30)]
    assert set(places) == {alice.source, *GATEWAYS.values()}
    assert all(len({*places[turn : turn + 3]}) == 3 for turn in range(28))


def test_I3_each_region_is_tried_before_the_caller_hears(three: World, alice: Pbx) -> None:
    line = _first(three, EUROPE)
    assert line.answer("480 Temporarily Unavailable") is None
    assert line.silence() is None
    assert line.answer("503 Service Unavailable") == 503
    assert {leg.to for leg in line.sent} == {alice.source, *GATEWAYS.values()}


def test_I3_of_three_regions_a_dead_one_comes_last(three: World) -> None:
    three.gateways[region_set("eu1")].clear()
    assert EUROPE not in {call_in(three).leg.to for _ in range(9)}


@pytest.mark.parametrize("down", ["eu1", "se1"])
def test_I3_calls_alternate_between_the_two_that_are_left_of_three(three: World, down: str) -> None:
    three.gateways[region_set(down)].clear()
    places = [call_in(three).leg.to for _ in range(8)]
    assert all(len({*places[turn : turn + 2]}) == 2 for turn in range(7))


def test_I3_a_hop_from_a_new_region_reaches_the_PBX_and_goes_no_farther(three: World, alice: Pbx) -> None:
    line = call_in(three, source=EUROPE, parameters=f";{HOP}=eu1")
    assert line.leg.to == alice.source
    assert (line.answer("480 Temporarily Unavailable"), len(line.sent)) == (480, 1)


def test_I1_the_mark_of_one_region_is_worth_nothing_from_another(three: World) -> None:
    assert call_in(three, source=EUROPE, parameters=f";{HOP}=se1").code == 407


def test_D2_a_draining_region_gets_and_makes_calls_as_before(three: World) -> None:
    _region(three, "eu1", "draining")
    assert EUROPE in {call_in(three).leg.to for _ in range(3)}
    assert call_in(three, source=EUROPE, parameters=f";{HOP}=eu1").leg.to != EUROPE


def test_I3_a_region_that_is_gone_gets_no_calls_and_is_a_stranger(three: World) -> None:
    _region(three, "eu1", "gone")
    assert EUROPE not in {call_in(three).leg.to for _ in range(9)}
    assert call_in(three, source=EUROPE, parameters=f";{HOP}=eu1").code == 407


def test_I3_a_call_skips_a_region_that_went_while_it_was_tried(three: World, alice: Pbx) -> None:
    """A call's places are kept by name, so that none takes another's place."""
    line = _first(three, alice.source)
    _region(three, "eu1", "gone")
    assert line.answer("503 Service Unavailable") is None
    assert line.leg.to == GATEWAYS["se1"]
    assert line.answer("503 Service Unavailable") == 503


def test_W4_a_call_through_a_region_goes_on_when_that_is_gone(three: World) -> None:
    line = _first(three, EUROPE)
    assert line.answer("200 OK") == 200
    assert lines(three, "w")[0]["vr"] == "eu1"
    _region(three, "eu1", "gone")
    assert line.within("BYE").leg.to == EUROPE
    assert line.within("INFO", by_caller=False).leg.to == CORE


def test_F1_a_cold_start_knows_the_regions_of_the_store(three: World) -> None:
    three.boot()
    assert EUROPE in {call_in(three).leg.to for _ in range(3)}
    assert len((three.home / "dispatcher.list").read_text().splitlines()) == 3


def test_a_worker_sees_a_new_region_within_a_quarter_of_a_second(ksr: FakeKsr) -> None:
    known = CoreList(ksr.htable)
    ksr.htable.sht_sets("meta", "core addresses", "[]")
    ksr.htable.sht_sets("meta", "regions", "[]")
    assert not known.is_one_of_ours(NEIGHBOUR, T)
    ksr.htable.sht_sets("meta", "regions", f'[["se1", "{NEIGHBOUR}"]]')
    assert known.region_of(NEIGHBOUR, T + LOOK_EVERY_MS - 1) is None
    assert known.region_of(NEIGHBOUR, T + LOOK_EVERY_MS) == "se1"
    assert known.gateways(T + LOOK_EVERY_MS) == {"se1": NEIGHBOUR}
    assert known.is_one_of_ours(NEIGHBOUR, T + LOOK_EVERY_MS)
    assert not known.is_core(NEIGHBOUR, T + LOOK_EVERY_MS)
