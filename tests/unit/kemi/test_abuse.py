"""What a PBX, a stranger or a crash could do to the limits and the records of calls."""

import json
from typing import Any

import pytest

from tests.sip import message as sip
from tests.sip.message import Message
from tests.unit.kemi.callers import CORE, NUMBER, OTHER_CORE, Line, answered, call_in, channels, dial, lines, with_cores
from tests.unit.kemi.fake_ksr import Source
from tests.unit.kemi.world import NEIGHBOUR, Pbx, World

STRANGER = Source("127.0.17.99", 5099)


@pytest.fixture
def world(world: World) -> World:
    """The number is alice's; her account is acme's."""
    world.credential("alice", tenant="acme")
    world.stored(("number", (NUMBER, "alice", "acme", 1)))
    return with_cores(world, CORE)


def _told(world: World, method: str, ticks: int = 3) -> list[Message]:
    """What the gateway itself says within so many turns."""
    world.tick(ticks)
    said = [sip.parse(sent.data.encode()) for sent in world.ksr.datagrams if sent.data.startswith(method)]
    world.ksr.datagrams.clear()
    return said


def test_O3_a_PBX_does_not_hang_up_in_the_cores_name(alice: Pbx) -> None:
    line = answered(alice)
    assert line.within("BYE", by_caller=False, source=alice.source).code == 481
    assert (channels(alice.world), lines(alice.world, "e")) == (1, [])
    assert line.within("BYE", by_caller=False, source=CORE).answer("200 OK") == 200
    assert channels(alice.world) == 0


def test_F2_nor_does_a_PBX_that_was_called(alice: Pbx) -> None:
    alice.register()
    line = call_in(alice.world)
    line.answer("200 OK")
    assert line.within("BYE", source=alice.source).code == 481
    assert lines(alice.world, "e") == []


def test_O3_no_CSeq_is_so_high_that_the_gateways_own_BYE_comes_out_of_order(alice: Pbx) -> None:
    line = answered(alice)
    assert line.within("INFO", CSeq=f"{2**31 - 1} INFO").code == 400
    assert line.within("INFO", CSeq=f"{2**31 - 2} INFO").code == 0
    alice.cseq = 2**31
    alice.world.clock.advance(1)
    assert dial(alice).code == 400


def test_O3_a_core_that_refuses_the_gateways_BYE_keeps_the_slot_taken(alice: Pbx) -> None:
    line = answered(alice)
    line.within("BYE").answer("500 Out Of Order")
    (bye, *_) = _told(alice.world, "BYE")
    alice.world.respond(sip.answer(bye, "500 Out Of Order"), CORE)
    assert channels(alice.world) == 1


def test_O3_a_refused_re_INVITE_gives_no_slot_back(alice: Pbx) -> None:
    line = answered(alice)
    line.within("BYE", Require="nonsense").answer("420 Bad Extension")
    assert line.within("INVITE").code == 481
    assert channels(alice.world) == 1


def test_O3_two_calls_of_one_key_count_once_after_a_restart(alice: Pbx) -> None:
    first = answered(alice, Call_ID="same")
    first.within("BYE").answer("200 OK")
    second = answered(alice, Call_ID="same")
    alice.world.boot()
    alice.world.tick(330)
    assert channels(alice.world) == 1
    second.within("BYE").answer("200 OK")
    assert channels(alice.world) == 0


@pytest.mark.parametrize("source", [CORE, Source(NEIGHBOUR, 5060)])
def test_B3_a_flood_in_their_name_shuts_out_neither_cores_nor_other_regions(world: World, source: Source) -> None:
    for number in range(5200):
        world.send(_probe(number, Source(source.address, 1000 + number)), Source(source.address, 1000 + number))
    assert "flood" not in world.causes()
    reply = world.send(_probe(9999, source), source)
    assert reply is not None
    assert reply.code == 200


def _probe(number: int, source: Source) -> Message:
    headers = {
        "Via": f"SIP/2.0/UDP {source.address}:{source.port};branch=z9hG4bKo{number}",
        "From": "<sip:probe@core>;tag=p",
        "To": "<sip:127.0.17.1>",
        "Call-ID": f"o{number}",
        "CSeq": "1 OPTIONS",
        "Max-Forwards": "70",
    }
    return Message("OPTIONS sip:127.0.17.1 SIP/2.0", tuple(headers.items()))


def test_I3_a_region_that_does_not_know_the_number_yet_is_no_last_word(world: World) -> None:
    assert call_in(world, "+14155550999").code == 404
    assert call_in(world, "+14155550999", Source(NEIGHBOUR, 5060), ";hop=se1").code == 480


def test_B2_copies_of_a_live_calls_INVITE_from_elsewhere_are_a_flood(alice: Pbx) -> None:
    line = answered(alice)
    replies = [alice.world.send(_copy(line, number), STRANGER) for number in range(5100)]
    assert {reply.code for reply in replies if reply is not None} == {407, 429}
    assert alice.world.causes()[-1] in ("flood", "blocked")


def _copy(line: Line, number: int) -> Message:
    via = f"SIP/2.0/UDP {STRANGER.address}:{STRANGER.port};branch=z9hG4bKx{number}"
    return line.invite.having("Via", via).having("CSeq", f"{5000 + number} INVITE")


def test_R1_an_INVITE_that_comes_again_after_a_restart_is_challenged_anew(alice: Pbx) -> None:
    line = dial(alice)
    alice.world.boot()
    line.dial()
    assert line.code == 407


def test_F2_an_end_that_could_not_be_written_is_written_later(alice: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    line = answered(alice)
    world = alice.world
    world.tick(2)
    with monkeypatch.context() as full:
        full.setattr(world.worker._recorder._journal, "append", lambda _: False)
        line.within("BYE").answer("200 OK")
    assert (channels(world), lines(world, "e")) == (0, [])
    for _ in range(900):
        for asked in _told(world, "OPTIONS", 1):
            side = CORE if str(CORE.address) in asked.start else alice.source
            world.respond(sip.answer(asked, "481 Call/Transaction Does Not Exist"), side)
    assert [end["by"] for end in lines(world, "e")] == ["gateway"]
    assert len(world.timer._clockwork._calls) == 0


@pytest.mark.parametrize("code", [401, 407])
def test_W5_a_core_that_asks_for_a_password_is_not_heard_of(alice: Pbx, code: int) -> None:
    line = dial(alice)
    assert line.answer(f"{code} Softswitch wants you", WWW_Authenticate='Digest realm="softswitch"') == 500
    assert channels(alice.world) == 0


def test_W5_the_answer_to_an_OPTIONS_within_a_call_is_neutral(alice: Pbx) -> None:
    line = answered(alice)
    line.within("OPTIONS").answer("200 OK", Server="Softswitch")
    assert "Server" in alice.world.ksr.exchange.removed


def test_I3_after_a_late_180_no_other_core_is_asked(alice: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    world = alice.world
    world.gateways[1] = [f"sip:{core.address}:5060" for core in (CORE, OTHER_CORE)]
    line = dial(alice)
    book = world.worker._book
    move = book.moved

    def moved(key: str, call: Any) -> bool:
        book.rang(key, '"via":null', f"{CORE.address}:5060", world.clock.now)
        return bool(move(key, call))

    monkeypatch.setattr(book, "moved", moved)
    line.silence()
    assert (len(line.sent), channels(world)) == (1, 1)  # held: the core may still answer


@pytest.mark.parametrize("dialled", [f"{NUMBER};npdi", f"{NUMBER[2:]};phone-context=+1", f"%2B{NUMBER[1:]}"])
def test_T2_parameters_and_escapes_of_a_number_do_not_matter(alice: Pbx, dialled: str) -> None:
    alice.register()
    assert call_in(alice.world, dialled).code == 0


def test_O3_a_CANCEL_by_hand_is_repeated_until_the_final_answer(alice: Pbx) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    alice.world.boot()
    line.cancel()
    assert len(_told(alice.world, "CANCEL", 40)) == 4
    line.answer("487 Request Terminated")
    alice.world.tick(2)
    alice.world.ksr.datagrams.clear()
    assert _told(alice.world, "CANCEL", 100) == []


def test_W4_a_PBX_does_not_answer_its_own_call_in_the_cores_name(alice: Pbx) -> None:
    line = dial(alice)
    assert line.answer("486 Busy Here", source=alice.source) is None
    assert line.answer("200 OK", source=alice.source) is None
    assert channels(alice.world) == 1
    assert line.answer("200 OK") == 200


def test_R1_a_copy_of_what_an_administrator_ended_gets_the_same_refusal(
    alice: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    world = alice.world
    world.tick(2)
    call = line.call
    assert call is not None
    world.stored(("command", (99, "call", call.uid, json.dumps({"region": "nw1"}))))
    world.tick(3)
    assert line.answer("487 Request Terminated") == 487
    assert channels(world) == 0
    monkeypatch.setattr(world.worker._dialogs, "_check", lambda: -1)  # tm has forgotten it
    assert line.dial().code == 487


def test_C5_all_calls_of_a_credential_end_and_later_ones_do_not(alice: Pbx) -> None:
    """Also one that nobody has read of yet; and carrying it out again, after a restart, does no harm."""
    world = alice.world
    line, ringing = answered(alice), (world.clock.advance(1), dial(alice))[1]
    before = world.clock.now + 1
    world.stored(("command", (7, "calls_of", "alice", json.dumps({"region": "nw1", "before": str(before)}))))
    world.tick()
    assert {end["by"] for end in lines(world, "e")} == {"administrator"}
    assert len(lines(world, "e")) == 2
    assert line.call is not None
    assert ringing.call is not None
    world.clock.advance(60)
    world.tick()
    later = answered(alice)
    world.boot()
    world.tick(2)
    assert len(lines(world, "e")) == 2
    assert later.call is not None
