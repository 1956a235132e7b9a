"""Requests within a call, and what a PBX or a core can do to confuse the ledger (rules W4, W5, B4, O3, O5)."""

import pytest

from kemi.calls import ANSWERED, ENDED
from tests.sip import message as sip
from tests.unit.kemi.callers import CORE, Line, answered, channels, dial, lines, with_cores
from tests.unit.kemi.fake_ksr import Source
from tests.unit.kemi.world import Pbx, World

STRANGER = Source("127.0.17.66", 5066)


@pytest.fixture
def world(world: World) -> World:
    return with_cores(world, CORE)


@pytest.fixture
def up(alice: Pbx) -> Line:
    """A call that is up."""
    return answered(alice)


@pytest.mark.parametrize("method", ["ACK", "INVITE", "UPDATE", "INFO", "PRACK", "REFER", "BYE"])
@pytest.mark.parametrize("by_caller", [True, False])
def test_W4_a_request_of_a_known_call_goes_to_the_other_side(up: Line, method: str, by_caller: bool) -> None:
    sent = up.within(method, by_caller=by_caller, Route="<sip:127.0.17.1;lr>")
    assert (sent.code, sent.leg.to) == (0, up.leg.to if by_caller else up.source)


@pytest.mark.parametrize("method", ["BYE", "INVITE", "UPDATE"])
def test_W4_a_request_of_an_unknown_call_gets_481(up: Line, method: str) -> None:
    assert up.within(method, Call_ID="unknown").code == 481


def test_W4_an_ACK_of_an_unknown_call_gets_silence(up: Line) -> None:
    ack = up.within("ACK", Call_ID="unknown")
    assert (ack.reply, ack.sent) == (None, [])


def test_B4_a_call_of_a_blocked_sender_can_be_ended(up: Line) -> None:
    table = up.world.ksr.htable
    table.sht_seti("suspect", up.source.address, 1)
    table.sht_sets("block", up.source.address, f"{up.world.clock.now + 60_000}|k-1|flood")
    assert up.within("BYE").answer("200 OK") == 200


def test_O5_what_the_PBX_proves_and_claims_stays_here_within_a_call_too(up: Line) -> None:
    for method in ("ACK", "INVITE", "BYE"):
        sent = up.within(method, Proxy_Authorization="Digest x", Authorization="Digest y", X_Tenant="other").leg.message
        assert [sent.get(name) for name in ("Proxy-Authorization", "Authorization", "X-Tenant")] == [None] * 3
    assert up.within("INFO", by_caller=False, X_Tenant="acme").leg.message.get("X-Tenant") == "acme"


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "BYE"])
def test_W5_a_cores_response_within_a_call_names_no_software(up: Line, method: str) -> None:
    up.within(method).answer("200 OK", Server="Brand/1")
    assert {"Server", "User-Agent", "Warning"} <= up.world.ksr.exchange.removed


def test_W5_what_a_PBX_says_of_itself_passes(up: Line) -> None:
    up.within("INFO", by_caller=False).answer("200 OK", Server="Asterisk")
    assert up.world.ksr.exchange.removed == set()


@pytest.mark.parametrize("by_caller", [True, False])
def test_O3_a_call_ends_with_the_answer_to_its_BYE(up: Line, by_caller: bool) -> None:
    bye = up.within("BYE", by_caller=by_caller)
    assert (up.call is not None and up.call.phase, channels(up.world)) == (ENDED, 1)
    assert bye.answer("200 OK") == 200
    (end,) = lines(up.world, "e")
    assert (up.call, channels(up.world), end["by"]) == (None, 0, "caller" if by_caller else "callee")


def test_O3_a_BYE_that_nobody_answers_ends_the_call(up: Line) -> None:
    up.within("BYE").silence()
    up.world.tick(330)
    assert channels(up.world) == 0


def test_O3_a_PBX_that_answers_no_BYE_holds_no_slot(up: Line) -> None:
    up.within("BYE", by_caller=False).silence()
    assert channels(up.world) == 0


def test_O3_a_challenged_BYE_holds_the_slot_and_the_gateway_says_it_too(up: Line) -> None:
    assert up.within("BYE").answer("407 Proxy Authentication Required") == 407
    up.world.tick(3)
    assert channels(up.world) == 1
    assert any(sent.data.startswith("BYE") for sent in up.world.ksr.datagrams)
    up.within("BYE").answer("200 OK")
    assert channels(up.world) == 0


@pytest.mark.parametrize("refusal", ["420 Bad Extension", "483 Too Many Hops", "500 Out Of Order"])
def test_O3_a_BYE_that_the_core_refuses_is_said_by_the_gateway(up: Line, refusal: str) -> None:
    """A PBX must not free a slot by a BYE that leaves the call up."""
    up.within("BYE", Require="nonsense").answer(refusal)
    assert channels(up.world) == 1
    up.world.tick(40)
    byes = [sip.parse(sent.data.encode()) for sent in up.world.ksr.datagrams if sent.data.startswith("BYE")]
    assert len(byes) == 4
    assert not up.world.respond(sip.answer(byes[0], "200 OK"), CORE)
    assert channels(up.world) == 0


def test_O3_a_core_that_has_no_such_call_any_more_ends_it(up: Line) -> None:
    up.within("BYE").answer("481 Gone")
    assert channels(up.world) == 0


def test_O3_a_BYE_that_was_faster_than_the_answer_on_another_worker(world: World, alice: Pbx) -> None:
    line = dial(alice)
    bye = line.within("BYE", by_caller=False)
    line.answer("200 OK")
    assert bye.answer("200 OK") == 200
    assert (channels(world), line.call) == (0, None)


def test_O3_a_BYE_in_an_early_dialog_ends_nothing_yet(world: World, alice: Pbx) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    line.within("BYE").answer("200 OK")
    assert (channels(world), lines(world, "e")) == (1, [])
    line.answer("487 Request Terminated")
    assert channels(world) == 0


def test_O3_a_refused_reINVITE_ends_nothing(up: Line) -> None:
    up.within("INVITE").answer("488 Not Acceptable Here")
    up.within("INVITE", by_caller=False).answer("491 Request Pending")
    assert (up.call is not None and up.call.phase, channels(up.world), lines(up.world, "e")) == (ANSWERED, 1, [])


def test_O3_a_late_BYE_after_the_slot_came_back_takes_no_other(up: Line, alice: Pbx) -> None:
    up.within("BYE").answer("200 OK")
    again = answered(alice, Call_ID=up.invite.one("Call-ID"))
    bye = up.within("BYE", tag="of-the-first")
    bye.answer("481 Gone")
    assert (again.call is not None and again.call.phase, channels(up.world)) == (ANSWERED, 1)


def test_W4_forked_answers_keep_the_call_until_the_last_BYE(world: World, alice: Pbx) -> None:
    line = dial(alice)
    for tag in ("b1", "b2", "b1"):
        assert line.answer("200 OK", tag=tag) == 200
    assert len(lines(world, "w")) == 1
    line.within("BYE", tag="b1").answer("200 OK")
    assert (channels(world), lines(world, "e")) == (1, [])
    line.within("BYE", by_caller=False, tag="b2").answer("200 OK")
    assert (channels(world), len(lines(world, "e"))) == (0, 1)


def test_a_CANCEL_goes_to_the_core(world: World, alice: Pbx) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    assert line.cancel() is None
    assert world.ksr.relayed[-1].message.method == "CANCEL"


def test_a_CANCEL_that_crosses_the_200_ends_nothing(world: World, alice: Pbx) -> None:
    line = dial(alice)
    line.answer("200 OK")
    line.cancel()
    assert (channels(world), lines(world, "e")) == (1, [])


def test_W4_a_CANCEL_of_nothing_gets_481(world: World, alice: Pbx) -> None:
    line = Line(world, alice.message("INVITE", Call_ID="never"), alice.source)
    reply = line.cancel()
    assert reply is not None
    assert reply.code == 481


def test_W4_responses_that_belong_to_nothing_go_nowhere(up: Line) -> None:
    request = sip.Message("INVITE sip:x@h SIP/2.0", up.invite.headers).having("Call-ID", "unknown")
    assert not up.world.respond(sip.answer(request, "200 OK"), CORE)


def test_a_forged_keep_alive_call_id_hides_no_answer(world: World, alice: Pbx) -> None:
    line = dial(alice, Call_ID="b-1@keep.invalid")
    assert line.answer("200 OK") == 200
    assert line.call is not None
    assert line.call.phase == ANSWERED
    assert channels(world) == 1


def test_a_worker_that_fails_passes_no_response_on(up: Line) -> None:
    dropped = up.world.ksr.dropped
    up.world.ksr.receive(sip.Message("SIP/2.0 what OK", up.invite.headers), CORE)
    up.world.worker.ksr_reply_route(None)
    assert up.world.ksr.dropped == dropped + 1
    assert up.world.ksr.logged[-1][0] == "crit"
