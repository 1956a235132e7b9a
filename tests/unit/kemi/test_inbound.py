"""Calls in by number (rules I and T2), over two regions."""

import itertools

import pytest

from kemi import tables
from kemi.destinations import region_set
from kemi.inbound import HOP, in_turn, may_try_again, request_uri
from kemi.state import Peer
from tests.unit.kemi.callers import CORE, NUMBER, Line, call_in, channels, lines, with_cores
from tests.unit.kemi.fake_ksr import Sent, Source
from tests.unit.kemi.world import NEIGHBOUR, Pbx, World

GATEWAY = Source(NEIGHBOUR, 5060)
FAR = f"sip:{NUMBER}@{NEIGHBOUR}:5060;{HOP}=nw1"


@pytest.fixture
def world(world: World) -> World:
    """The number is alice's and acme's; another has no route."""
    world.credential("alice", tenant="hers")
    world.stored(("number", (NUMBER, "alice", "acme", 1)), ("number", ("+14155550101", None, None, 1)))
    world.gateways[region_set("se1")] = [f"sip:{NEIGHBOUR}:5060"]
    return with_cores(world, CORE)


@pytest.fixture
def here(alice: Pbx) -> Pbx:
    assert alice.register().code == 200
    return alice


@pytest.fixture
def there(world: World) -> World:
    """Alice is registered in region se1."""
    now = world.clock.now
    world.peer("alice", Peer("se1", "b-9", "127.0.17.20", 5062, "PBX", now, now + 300_000, False))
    world.tick()
    return world


def test_I4_the_uri_has_the_dialled_number_and_what_the_binding_says() -> None:
    assert request_uri("sip:pbx@10.0.0.9:5060;transport=udp", "+1") == "sip:+1@10.0.0.9:5060;transport=udp"
    assert request_uri("sip:10.0.0.9", "+1") == "sip:+1@10.0.0.9"


@pytest.mark.parametrize("turn", range(1, 7))
def test_I3_each_place_has_its_turn(turn: int) -> None:
    places = in_turn(["a", "b", "c"], turn)
    assert (places[0], sorted(places)) == ("abc"[(turn - 1) % 3], ["a", "b", "c"])


def test_I3_busy_and_declined_are_final() -> None:
    again = [code for code in (403, 404, 408, 480, 486, 487, 500, 503, 599, 600, 603) if may_try_again(code)]
    assert again == [408, 480, 500, 503, 599]


@pytest.mark.parametrize("dialled", [NUMBER, NUMBER[1:], NUMBER[2:]])
def test_T2_I4_R7_every_form_finds_the_PBX_through_its_pinhole(here: Pbx, dialled: str) -> None:
    line = call_in(here.world, dialled)
    assert (line.leg.uri, line.leg.to) == (f"sip:{dialled}@10.0.0.9:5060", here.source)


def test_I5_the_record_has_the_numbers_tenant_and_the_PBX_hears_of_none(here: Pbx) -> None:
    line = call_in(here.world, X_Tenant="spoofed")
    (begun,) = lines(here.world, "s")
    assert (begun["d"], begun["n"], begun["tn"], begun["u"], begun["cr"]) == ("in", NUMBER, "acme", "alice", "cr-alice")
    assert line.leg.message.all("X-Tenant") == []


def test_I6_calls_in_do_not_count(here: Pbx) -> None:
    for _ in range(3):
        assert call_in(here.world).answer("200 OK") == 200
    assert channels(here.world) == 0


@pytest.mark.parametrize(
    ("dialled", "code", "cause"),
    [
        ("+14155559999", 404, "unknown_number"),
        ("nobody", 404, "unknown_number"),
        ("+14155550101", 480, "no_route"),
        (NUMBER, 480, "not_registered"),
    ],
)
def test_I2_what_cannot_be_delivered_leaves_a_record(world: World, dialled: str, code: int, cause: str) -> None:
    line = call_in(world, dialled)
    (refused,) = lines(world, "e")
    assert (line.code, refused["rule"], refused["cause"], refused["to"]) == (code, "I2", cause, dialled)
    assert (line.reply and line.reply.retry_after) == (30 if code == 480 else None)


def test_I1_anybody_else_is_challenged(here: Pbx) -> None:
    assert call_in(here.world, source=Source("127.0.17.66", 5060)).code == 407


def test_I1_W4_a_request_within_an_unknown_call_is_no_new_call(here: Pbx) -> None:
    assert call_in(here.world, To=f"<sip:{NUMBER}@h>;tag=b").code == 481
    assert lines(here.world, "s") == []


@pytest.mark.usefixtures("here")
def test_I3_calls_alternate_between_the_regions(there: World) -> None:
    counts = [call_in(there).leg.uri for _ in range(100)]
    assert (counts.count(FAR), len(set(counts))) == (50, 2)
    assert all(one != other for one, other in itertools.pairwise(counts))


def test_I3_the_other_region_is_asked_with_the_mark(there: World) -> None:
    line = call_in(there)
    assert (line.leg.uri, line.leg.to) == (FAR, GATEWAY)
    line.answer("200 OK")
    assert (lines(there, "w")[0]["vr"], lines(there, "s")[0]["core"]) == ("se1", "127.0.17.200:5060")


def test_I3_a_region_whose_gateway_is_dead_comes_last(here: Pbx, there: World) -> None:
    there.gateways[region_set("se1")].clear()
    lines_in = [call_in(there) for _ in range(4)]
    assert {line.leg.to for line in lines_in} == {here.source}
    assert lines_in[0].answer("503 Service Unavailable") is None
    assert lines_in[0].leg.to == GATEWAY


def test_I3_a_hop_reaches_the_PBX_and_goes_no_farther(here: Pbx, there: World) -> None:
    for _ in range(2):
        line = call_in(there, source=GATEWAY, parameters=f";{HOP}=se1")
        assert line.leg.to == here.source
        assert line.answer("480 Temporarily Unavailable") == 480
    assert all(str(begun["id"]).startswith("h-") for begun in lines(there, "s"))


def test_I3_a_hop_to_a_region_without_a_binding_gets_480(there: World) -> None:
    assert call_in(there, source=GATEWAY, parameters=f";{HOP}=se1").code == 480


@pytest.mark.parametrize(
    ("source", "mark"), [(Source("127.0.17.66", 5060), "se1"), (GATEWAY, "nw1"), (GATEWAY, None), (GATEWAY, "se")]
)
def test_I3_the_mark_is_worth_nothing_from_elsewhere(here: Pbx, source: Source, mark: str | None) -> None:
    assert call_in(here.world, source=source, parameters=f";{HOP}={mark}" if mark else "").code == 407


def _first_here(here: Pbx) -> Line:
    here.world.ksr.htable.sht_rm(tables.TURN, "alice")
    return call_in(here.world)


@pytest.mark.parametrize("answer", ["408 Timeout", "480 Temporarily Unavailable", "500 Error", "503 Unavailable"])
@pytest.mark.usefixtures("there")
def test_I3_the_other_region_is_tried_before_the_caller_hears(here: Pbx, answer: str) -> None:
    line = _first_here(here)
    assert line.answer(answer) is None
    assert line.leg.to == GATEWAY
    assert line.answer(answer) == int(answer[:3])


@pytest.mark.usefixtures("there")
def test_I3_silence_is_a_failure(here: Pbx) -> None:
    line = _first_here(here)
    assert (line.silence(), line.leg.to) == (None, GATEWAY)
    heard = line.silence()
    assert (heard.code if isinstance(heard, Sent) else heard) == 408
    assert lines(here.world, "e")[0]["cause"] == "no_answer"


@pytest.mark.usefixtures("there")
def test_I3_a_place_that_cannot_be_sent_to_has_failed(here: Pbx) -> None:
    here.world.ksr.unreachable.add(here.source.address)
    line = _first_here(here)
    assert (line.leg.to, line.answer("200 OK"), lines(here.world, "w")[0]["vr"]) == (GATEWAY, 200, "se1")


@pytest.mark.parametrize("answer", ["486 Busy Here", "603 Decline", "404 Not Found"])
@pytest.mark.usefixtures("there")
def test_I3_a_final_answer_is_not_retried(here: Pbx, answer: str) -> None:
    line = _first_here(here)
    assert (line.answer(answer), len(line.sent)) == (int(answer[:3]), 1)


@pytest.mark.usefixtures("there")
def test_I3_after_an_18x_nothing_is_retried(here: Pbx) -> None:
    line = _first_here(here)
    line.answer("183 Session Progress")
    assert (line.answer("503 Unavailable"), len(line.sent)) == (503, 1)


@pytest.mark.usefixtures("there")
def test_I3_a_call_that_its_caller_gave_up_is_not_retried(here: Pbx) -> None:
    line = _first_here(here)
    assert (line.silence(canceled=True), len(line.sent), lines(here.world, "e")[0]["by"]) == (408, 1, "caller")


def test_a_retransmitted_INVITE_of_a_core_is_one_call(here: Pbx) -> None:
    line = call_in(here.world)
    line.dial()
    assert (len(line.sent), line.reply, len(lines(here.world, "s"))) == (1, None, 1)


def test_the_same_call_over_another_way_is_refused(here: Pbx) -> None:
    line = call_in(here.world)
    again = Line(here.world, line.invite.having("Via", "SIP/2.0/UDP 127.0.17.200:5060;branch=z9hG4bKother"), CORE)
    assert again.dial().code == 482


def test_W5_a_core_hears_what_the_PBX_is(here: Pbx) -> None:
    call_in(here.world).answer("200 OK", Server="Asterisk")
    assert here.world.ksr.exchange.removed == set()


def test_W5_a_PBX_does_not_hear_what_the_core_is(here: Pbx) -> None:
    line = call_in(here.world)
    line.answer("200 OK")
    line.within("BYE", by_caller=False).answer("200 OK", Server="Brand/1")
    assert "Server" in here.world.ksr.exchange.removed


def test_R8_a_call_in_that_cannot_be_sent_may_come_later(here: Pbx) -> None:
    here.world.ksr.unreachable.add(here.source.address)
    line = call_in(here.world)
    assert (line.code, line.reply and line.reply.retry_after, line.call) == (503, 30, None)


def test_I3_a_region_where_the_PBX_has_fallen_silent_comes_last(here: Pbx) -> None:
    world = here.world
    now = world.clock.now
    world.peer("alice", Peer("se1", "b-9", "127.0.17.20", 5062, "PBX", now, now + 300_000, True))
    world.tick()
    assert [call_in(world).leg.to for _ in range(4)] == [here.source] * 4
