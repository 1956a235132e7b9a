"""O6: another core before the PBX hears of it; and what of a call is left when all have failed."""

import pytest

from kemi.calls import ENDED
from tests.unit.kemi.callers import CORE, OTHER_CORE, channels, dial, lines, with_cores
from tests.unit.kemi.fake_ksr import Sent
from tests.unit.kemi.world import Pbx, World


@pytest.fixture
def cores(world: World) -> World:
    return with_cores(world, CORE, OTHER_CORE)


@pytest.mark.parametrize("code", ["408 Request Timeout", "503 Service Unavailable"])
def test_O6_the_other_core_takes_a_call_that_the_first_refuses_so(cores: World, alice: Pbx, code: str) -> None:
    """No PBX can take a core from the others by dialling what it refuses with 503."""
    line = dial(alice)
    assert line.answer(code) is None
    assert (line.leg.to, line.leg.uri) == (OTHER_CORE, "sip:+12125550123@127.0.17.201:5060")
    assert cores.ksr.dispatcher.dead == []
    assert line.answer("200 OK") == 200
    assert (channels(cores), lines(cores, "w")[0]["core"]) == (1, "127.0.17.201:5060")


def test_O6_a_silent_core_is_suspect_and_the_other_one_takes_the_call(cores: World, alice: Pbx) -> None:
    line = dial(alice)
    assert line.silence() is None
    assert cores.ksr.dispatcher.dead == [f"sip:{CORE.address}:5060"]
    assert line.leg.to == OTHER_CORE


@pytest.mark.parametrize("code", ["404 Not Found", "486 Busy Here", "500 Error", "603 Decline"])
def test_O6_any_other_answer_is_the_callees_and_gives_the_slot_back(cores: World, alice: Pbx, code: str) -> None:
    line = dial(alice)
    assert line.answer(code) == int(code[:3])
    assert (len(line.sent), channels(cores), line.call) == (1, 0, None)
    assert [(end["by"], end["code"], end["fr"]) for end in lines(cores, "e")] == [("callee", int(code[:3]), 0)]


@pytest.mark.parametrize("code", ["408 Request Timeout", "503 Service Unavailable"])
def test_O6_after_a_180_no_other_core_is_asked(cores: World, alice: Pbx, code: str) -> None:
    line = dial(alice)
    assert line.answer("180 Ringing") == 180
    assert line.answer(code) == int(code[:3])
    assert (len(line.sent), channels(cores), cores.ksr.dispatcher.dead) == (1, 0, [])


def test_O6_no_other_core_is_asked_once_the_PBX_has_cancelled(cores: World, alice: Pbx) -> None:
    line = dial(alice)
    assert line.silence(canceled=True) == 408
    assert (len(line.sent), lines(cores, "e")[0]["by"]) == (1, "caller")


def test_R8_when_all_cores_are_dead_the_PBX_gets_503_with_Retry_After(cores: World, alice: Pbx) -> None:
    line = dial(alice)
    assert line.answer("503 Service Unavailable") is None
    assert line.answer("503 Service Unavailable") == 503
    assert cores.ksr.replies[-1].retry_after == 5
    (end,) = lines(cores, "e")
    assert (end["by"], end["rule"], end["cause"], end["fr"], channels(cores)) == ("gateway", "O6", "no_core", 0, 0)


def test_O3_after_silence_the_slot_is_held_for_32_seconds(world: World, alice: Pbx) -> None:
    with_cores(world, CORE)
    line = dial(alice)
    reply = line.silence()
    assert isinstance(reply, Sent)
    assert (reply.code, reply.retry_after) == (503, 5)
    assert (line.call is not None and line.call.phase, channels(world)) == (ENDED, 1)
    world.tick(318)
    assert channels(world) == 1
    world.tick(5)
    assert (channels(world), line.call) == (0, None)


def test_O3_the_cores_late_refusal_gives_a_held_slot_back_once(world: World, alice: Pbx) -> None:
    with_cores(world, CORE)
    line = dial(alice)
    line.silence()
    for _ in range(2):
        assert line.answer("486 Busy Here", source=CORE) == 486
        assert channels(world) == 0
    world.tick(330)
    assert channels(world) == 0


def test_O3_whatever_comes_after_the_end_the_slot_comes_back_once(world: World, alice: Pbx) -> None:
    with_cores(world, CORE)
    other, line = dial(alice), None
    world.clock.advance(1)
    line = dial(alice)
    assert line.answer("200 OK") == 200
    for by_caller in (True, False, True):
        bye = line.within("BYE", by_caller=by_caller)
        if bye.sent:
            bye.answer("200 OK")
            bye.answer("481 Gone")
        world.tick(5)
        assert channels(world) == 1
    world.tick(400)
    assert (channels(world), other.call is not None) == (1, True)


def test_O3_a_core_that_never_said_anything_may_still_take_the_call(cores: World, alice: Pbx) -> None:
    line = dial(alice)
    line.silence()
    assert line.answer("486 Busy Here") == 486
    (end,) = lines(cores, "e")
    assert (end["by"], channels(cores)) == ("callee", 1)
    cores.tick(325)
    assert channels(cores) == 0


def test_F2_a_call_that_finds_no_room_is_no_call(world: World, alice: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    with_cores(world, CORE)
    book = world.worker._book
    put = book._set
    monkeypatch.setattr(book, "_set", lambda table, key, value: -1 if table == "call" else put(table, key, value))
    assert (dial(alice).code, channels(world)) == (503, 0)
    assert len(lines(world, "e")) == 1
    world.tick(2)
    world.boot()
    assert channels(world) == 0


def test_O3_of_two_calls_of_one_key_at_once_one_goes_out(world: World, alice: Pbx) -> None:
    """Another PBX copied Call-ID and tag; that ends no call of others."""
    with_cores(world, CORE)
    line = dial(alice, Call_ID="copied")
    assert dial(Pbx(world, "bob", port=5070), Call_ID="copied").code == 503
    assert not lines(world, "cx")
    assert (channels(world), channels(world, "bob"), line.call is not None) == (1, 0, True)


def test_R1_a_copy_that_another_worker_read_before_tm_knew_the_call_goes_nowhere(
    world: World, alice: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cores(world, CORE)
    line = dial(alice)
    monkeypatch.setattr(world.worker._dialogs, "_check", lambda: -1)
    line.dial()
    assert (line.reply, len(line.sent), channels(world)) == (None, 1, 1)


def test_R1_a_used_nonce_begins_no_call_after_the_first_is_over(
    world: World, alice: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cores(world, CORE)
    line = dial(alice)
    line.answer("200 OK")
    line.within("BYE").answer("200 OK")
    monkeypatch.setattr(world.worker._dialogs, "_check", lambda: -1)
    line.dial()
    assert line.reply is not None
    assert (line.code, "stale=true" in str(line.reply.get("Proxy-Authenticate"))) == (407, True)
