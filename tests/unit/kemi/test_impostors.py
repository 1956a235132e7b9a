"""Requests and answers that claim to be another side's, and forks whose BYEs cross (rules O3 and W4)."""

import pytest

from tests.sip.message import Message
from tests.unit.kemi.callers import CORE, NUMBER, Line, answer, answered, call_in, channels, dial, lines, with_cores
from tests.unit.kemi.fake_ksr import Source
from tests.unit.kemi.world import NEIGHBOUR, Pbx, World


@pytest.fixture
def up(world: World, alice: Pbx) -> Line:
    """A call out of a registered PBX."""
    with_cores(world, CORE)
    world.stored(("number", (NUMBER, "alice", None, 1)))
    assert alice.register().code == 200
    world.tick()
    return answered(alice)


def _byes(world: World, ticks: int = 3) -> list[str]:
    world.tick(ticks)
    return [sent.data for sent in world.ksr.datagrams if sent.data.startswith("BYE")]


def test_W4_a_user_with_parameters_hides_no_host(up: Line, alice: Pbx) -> None:
    for uri, relayed in (
        (f"sip:{CORE.address};x@198.51.100.9", False),
        (f"sip:{CORE.address};x@198.51.100.9:5070", False),
        (f"sip:+1415;phone-context=x@{CORE.address}", True),
    ):
        headers = {
            "Via": f"SIP/2.0/UDP x;branch=z9hG4bK{len(uri)}",
            "From": "<sip:a@b>;tag=q",
            "To": "<sip:a@b>;tag=z",
            "Call-ID": "unknown",
            "CSeq": "9 INFO",
            "Max-Forwards": "70",
        }
        line = Line(up.world, Message(f"INFO {uri} SIP/2.0", tuple(headers.items())), alice.source).dial()
        assert bool(line.sent) is relayed


def test_O3_a_BYE_in_the_cores_name_reaches_nobody_not_even_the_core(up: Line, alice: Pbx) -> None:
    posed = up.within("BYE", by_caller=False, source=alice.source).invite.having("Via", "SIP/2.0/UDP x;branch=z9hG4bKp")
    there = Message(f"BYE sip:x@{CORE.address} SIP/2.0", posed.headers)
    again = Line(up.world, there, alice.source).dial()
    assert (again.code, again.sent, channels(up.world)) == (481, [], 1)


def test_O3_the_answer_to_a_BYE_with_an_invented_tag_gives_nothing_back(up: Line) -> None:
    invented, real = up.within("BYE", tag="zzz"), up.within("BYE")
    assert invented.answer("481 Call/Transaction Does Not Exist") == 481
    assert channels(up.world) == 1
    real.answer("500 Out Of Order")
    assert _byes(up.world)


def test_O3_a_PBX_does_not_answer_its_own_BYE(up: Line, alice: Pbx) -> None:
    assert up.within("BYE").answer("200 OK", source=alice.source) is None
    assert channels(up.world) == 1


def test_O7_another_regions_gateway_may_hang_up_with_the_last_CSeq(up: Line) -> None:
    leg = call_in(up.world, source=Source(NEIGHBOUR, 5060), parameters=";hop=se1")
    leg.answer("200 OK", Contact="<sip:p@1>")
    assert leg.within("BYE", CSeq=f"{2**31 - 1} BYE").answer("200 OK") == 200


def test_O3_a_refused_BYE_to_one_fork_does_not_end_the_other(up: Line) -> None:
    answer(up.world, up.leg, "200 OK", tag="b2")
    assert up.within("BYE", tag="b2").answer("407 Proxy Authentication Required") == 407
    assert _byes(up.world) == []


def test_O3_the_slot_comes_back_with_the_answer_of_the_last_fork(up: Line) -> None:
    answer(up.world, up.leg, "200 OK", tag="b2")
    one, two = up.within("BYE"), up.within("BYE", tag="b2")
    one.answer("200 OK")
    assert channels(up.world) == 1
    two.answer("200 OK")
    assert channels(up.world) == 0


def test_O3_a_refused_BYE_before_the_answer_is_not_said_again(up: Line, alice: Pbx) -> None:
    up.world.clock.advance(1)
    early = dial(alice)
    early.answer("180 Ringing")
    early.within("BYE").answer("405 Method Not Allowed")
    assert _byes(up.world) == []


def test_O3_an_INVITE_within_a_call_that_nobody_answered_gives_nothing_back(up: Line, alice: Pbx) -> None:
    up.world.clock.advance(1)
    silent = dial(alice)
    silent.silence()
    assert channels(up.world) == 2
    assert silent.within("INVITE", tag="zzz").code == 481
    assert channels(up.world) == 2


@pytest.mark.parametrize("held", [True, False])
def test_F2_an_end_that_could_not_be_written_leaves_no_slot_taken(
    up: Line, monkeypatch: pytest.MonkeyPatch, held: bool
) -> None:
    world = up.world
    world.tick(2)
    with monkeypatch.context() as full:
        full.setattr(world.worker._recorder._journal, "append", lambda _: False)
        bye = up.within("BYE")
        if not held:
            bye.answer("200 OK")
    world.tick(1000)
    assert [end["by"] for end in lines(world, "e")] == ["gateway"]
    assert channels(world) == 0


def test_O3_an_answer_that_could_not_be_written_does_not_cut_the_call_off(
    up: Line, alice: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = up.world
    world.clock.advance(1)
    line = dial(alice)
    with monkeypatch.context() as full:
        full.setattr(world.worker._recorder._journal, "append", lambda _: False)
        line.answer("200 OK")
    world.clock.advance(300)
    world.tick(2)
    assert line.call is not None
    assert line.within("BYE").answer("200 OK") == 200
