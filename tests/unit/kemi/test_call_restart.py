"""O3 and F2: the gateway dies and starts again while there are calls."""

import pytest

from kemi.calls import ANSWERED, RINGING
from tests.sip import message as sip
from tests.unit.kemi.callers import CORE, OTHER_CORE, Line, answered, channels, dial, lines, with_cores
from tests.unit.kemi.world import Pbx, World


@pytest.fixture
def world(world: World) -> World:
    return with_cores(world, CORE, OTHER_CORE)


@pytest.fixture
def ringing(alice: Pbx) -> Line:
    """A call that rang when the gateway died."""
    line = dial(alice)
    line.answer("180 Ringing")
    alice.world.boot()
    return line


def _told(world: World, method: str) -> list[sip.Message]:
    """What the timer process told the core, in the next turns."""
    world.tick(2)
    messages = [sip.parse(sent.data.encode()) for sent in world.ksr.datagrams if sent.data.startswith(method)]
    world.ksr.datagrams.clear()
    return messages


def test_O3_calls_in_progress_stay_counted_and_those_that_ended_are_not(alice: Pbx) -> None:
    up, over, refused, _ = answered(alice), answered(alice), dial(alice), answered(alice)
    over.within("BYE").answer("200 OK")
    alice.world.clock.advance(32)
    alice.world.boot()
    assert (channels(alice.world), refused.code) == (2, 503)
    up.within("BYE", by_caller=False).answer("200 OK")
    assert channels(alice.world) == 1
    alice.world.clock.advance(32)
    alice.world.boot()
    assert channels(alice.world) == 1


def test_O3_the_slot_of_a_call_that_has_just_ended_is_held_once_more_over_a_restart(alice: Pbx) -> None:
    answered(alice).within("BYE").answer("200 OK")
    alice.world.boot()
    assert channels(alice.world) == 1
    alice.world.tick(325)
    assert channels(alice.world) == 0


def test_O3_a_held_slot_comes_back_after_32_seconds_over_a_restart(alice: Pbx) -> None:
    answered(alice).within("BYE")
    alice.world.clock.advance(20)
    alice.world.boot()
    assert channels(alice.world) == 1
    alice.world.tick(118)
    assert channels(alice.world) == 1
    alice.world.tick(5)
    assert channels(alice.world) == 0
    alice.world.boot()
    assert channels(alice.world) == 0


def test_O4_an_emergency_call_counts_as_one_after_a_restart(alice: Pbx) -> None:
    alice.world.stored(("emergency_number", ("911", "listed")))
    alice.world.tick()
    dial(alice, "911")
    alice.world.boot()
    assert (channels(alice.world), channels(alice.world, "alice!")) == (0, 1)


def test_O3_a_call_that_rang_is_answered_and_counts_until_its_BYE(ringing: Line) -> None:
    assert (ringing.call is not None and ringing.call.phase, channels(ringing.world)) == (RINGING, 1)
    assert ringing.answer("200 OK") == 200
    assert (ringing.call is not None and ringing.call.phase, channels(ringing.world)) == (ANSWERED, 1)
    assert ringing.within("ACK").leg.to == CORE
    ringing.within("BYE").answer("200 OK")
    assert channels(ringing.world) == 0


@pytest.mark.parametrize(("refusal", "by"), [("486 Busy Here", "callee"), ("487 Request Terminated", "caller")])
def test_O3_a_call_that_rang_is_refused(ringing: Line, refusal: str, by: str) -> None:
    assert ringing.answer(refusal) == int(refusal[:3])
    assert (channels(ringing.world), [end["by"] for end in lines(ringing.world, "e")]) == (0, [by])
    (ack,) = _told(ringing.world, "ACK")
    assert (ack.one("CSeq"), ack.one("To")[-6:]) == ("2 ACK", ";tag=b")


def test_a_CANCEL_after_a_restart_reaches_the_core(ringing: Line) -> None:
    reply = ringing.cancel()
    assert reply is not None
    assert reply.code == 200
    (cancel,) = _told(ringing.world, "CANCEL")
    assert cancel.one("Via").endswith("z9hG4bKgw0")


def test_a_CANCEL_before_anybody_rang_reaches_the_core_when_it_does(alice: Pbx) -> None:
    line = dial(alice)
    alice.world.boot()
    line.cancel()
    assert _told(alice.world, "CANCEL") == []
    line.answer("180 Ringing")
    assert len(_told(alice.world, "CANCEL")) == 1


def test_O3_a_call_that_rings_for_ever_ends(ringing: Line) -> None:
    ringing.world.tick(1970)
    assert len({cancel.bytes() for cancel in _told(ringing.world, "CANCEL")}) == 1
    assert [end["cause"] for end in lines(ringing.world, "e")] == ["longest_ringing"]
    assert channels(ringing.world) == 1
    assert ringing.answer("200 OK") is None
    assert len(_told(ringing.world, "BYE")) == 1
    ringing.world.tick(330)
    assert channels(ringing.world) == 0


def test_O6_a_core_that_was_asked_second_is_heard_after_a_restart(alice: Pbx) -> None:
    line = dial(alice)
    assert line.answer("503 Service Unavailable") is None
    alice.world.boot()
    assert line.answer("180 Ringing") == 180
    assert line.answer("486 Busy Here") == 486
    alice.world.tick(2)
    acks = [sent.uri for sent in alice.world.ksr.datagrams if sent.data.startswith("ACK")]
    assert acks == [f"sip:{OTHER_CORE.address}:5060"]
    assert channels(alice.world) == 0


def test_W4_an_answer_from_elsewhere_goes_nowhere(ringing: Line) -> None:
    assert ringing.answer("200 OK", source=Pbx(ringing.world, address="127.0.17.66").source) is None
    assert ringing.answer("200 OK", source=OTHER_CORE) is None


def test_O3_a_copy_of_a_refusal_is_not_passed_on_twice(ringing: Line) -> None:
    assert [ringing.answer("486 Busy Here") for _ in range(3)] == [486, None, None]
    assert channels(ringing.world) == 0


def test_O3_the_INVITE_of_before_comes_again_and_the_old_call_is_cancelled(ringing: Line, alice: Pbx) -> None:
    again = dial(alice, Call_ID=ringing.invite.one("Call-ID"))
    assert (again.code, again.reply and again.reply.retry_after) == (503, 5)
    assert len(_told(ringing.world, "CANCEL")) == 1
    ringing.answer("487 Request Terminated")
    assert channels(ringing.world) == 0


@pytest.mark.parametrize("restarts", range(1, 4))
def test_O3_a_slot_comes_back_once_however_often_the_gateway_starts(alice: Pbx, restarts: int) -> None:
    _, line = answered(alice), answered(alice)
    bye = line.within("BYE")
    for _ in range(restarts):
        alice.world.tick(2)
        alice.world.boot()
        assert channels(alice.world) == 2
    for _ in range(2):
        bye.answer("200 OK")
    alice.world.tick(400)
    assert channels(alice.world) == 1


def test_W5_the_cores_software_is_hidden_after_a_restart_too(ringing: Line) -> None:
    ringing.answer("200 OK", Server="Brand/1")
    assert "Server" in ringing.world.ksr.exchange.removed


def test_the_pulse_counts_calls(ringing: Line) -> None:
    ringing.world.tick(12)
    assert '"calls": 1' in (ringing.world.home / "pulse.json").read_text()
