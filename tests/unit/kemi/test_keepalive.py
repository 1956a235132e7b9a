"""R6 and R7: OPTIONS to every bound PBX, and what the answers mean."""

import pytest

from kemi.state import ANSWERS, SILENT, UNKNOWN
from tests.sip.message import Message
from tests.unit.kemi.world import Pbx, World

ROUND = 200
"""Turns in which every binding gets one keep-alive."""


def _keepalive(world: World) -> int:
    binding = world.state("alice").binding
    assert binding is not None
    return binding.keepalive


def _rounds(pbx: Pbx, count: int, *, answers: bool, code: str = "200 OK") -> None:
    for _ in range(count * ROUND):
        world = pbx.world
        world.ksr.datagrams.clear()
        world.tick()
        for datagram in world.ksr.datagrams if answers else ():
            call_id = datagram.data.split("Call-ID: ")[1].split("\r\n")[0]
            world.ksr.receive(Message(f"SIP/2.0 {code}", (("Call-ID", call_id), ("CSeq", "1 OPTIONS"))), pbx.source)
            world.worker.ksr_reply_route(None)


def test_R7_the_pinhole_is_kept_open_where_the_REGISTER_came_from(alice: Pbx) -> None:
    alice.register()
    alice.world.tick(ROUND + 1)
    datagram = alice.world.ksr.datagrams[0]
    assert datagram.uri == "sip:127.0.17.20:5062"
    assert datagram.data.startswith(
        "OPTIONS sip:alice@10.0.0.9:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.17.1:5060;branch=z9hG4bK"
    )
    assert datagram.data.endswith("Content-Length: 0\r\n\r\n")


def test_R7_every_20_seconds_with_a_new_transaction(alice: Pbx) -> None:
    alice.register()
    alice.world.tick(3 * ROUND + 1)
    sent = [datagram.data for datagram in alice.world.ksr.datagrams]
    assert len(sent) in (3, 4)
    assert len({data.split("branch=")[1].split(";")[0] for data in sent}) == len(sent)


def test_R7_keep_alives_are_spread_over_the_interval(world: World) -> None:
    for number in range(60):
        world.credential(f"u{number:02d}")
    world.tick()
    for number in range(60):
        assert Pbx(world, f"u{number:02d}", address=f"127.0.17.{100 + number}").register().code == 200
    world.tick()
    world.ksr.datagrams.clear()
    at_once = []
    for _ in range(ROUND):
        before = len(world.ksr.datagrams)
        world.tick()
        at_once.append(len(world.ksr.datagrams) - before)
    assert sum(at_once) == 60
    assert max(at_once) < 10


def test_R7_keep_alives_end_with_the_binding(alice: Pbx) -> None:
    alice.register()
    alice.world.tick()
    alice.world.clock.advance(300)
    alice.world.ksr.datagrams.clear()
    alice.world.tick(2 * ROUND)
    assert alice.world.ksr.datagrams == []


def test_R7_a_deregistered_PBX_gets_none(alice: Pbx) -> None:
    alice.register()
    alice.world.tick()
    alice.register(Expires="0")
    alice.world.tick()
    alice.world.ksr.datagrams.clear()
    alice.world.tick(2 * ROUND)
    assert alice.world.ksr.datagrams == []


@pytest.mark.parametrize("code", ["200 OK", "404 Not Found", "501 Not Implemented"])
def test_R6_any_answer_shows_that_the_PBX_is_there(alice: Pbx, code: str) -> None:
    alice.register()
    _rounds(alice, 3, answers=True, code=code)
    assert _keepalive(alice.world) == ANSWERS


def test_R6_a_PBX_that_never_answered_is_not_called_silent(alice: Pbx) -> None:
    alice.register()
    _rounds(alice, 10, answers=False)
    assert _keepalive(alice.world) == UNKNOWN


def test_R6_three_missed_in_a_row_make_it_silent_and_an_answer_ends_that(alice: Pbx) -> None:
    alice.register()
    _rounds(alice, 2, answers=True)
    _rounds(alice, 3, answers=False)
    assert _keepalive(alice.world) == ANSWERS
    _rounds(alice, 1, answers=False)
    assert _keepalive(alice.world) == SILENT
    _rounds(alice, 2, answers=True)
    assert _keepalive(alice.world) == ANSWERS


def test_R6_a_silent_binding_yields_to_another_address(alice: Pbx) -> None:
    alice.register()
    _rounds(alice, 2, answers=True)
    other = Pbx(alice.world, address="127.0.17.30")
    assert other.register().code == 503
    _rounds(alice, 4, answers=False)
    assert other.register().code == 200


def test_R6_silence_outlives_a_restart(alice: Pbx) -> None:
    alice.register()
    _rounds(alice, 2, answers=True)
    _rounds(alice, 4, answers=False)
    alice.world.boot()
    assert _keepalive(alice.world) == SILENT


def test_R6_after_a_restart_three_more_must_be_missed(alice: Pbx) -> None:
    alice.register()
    _rounds(alice, 2, answers=True)
    alice.world.boot()
    _rounds(alice, 3, answers=False)
    assert _keepalive(alice.world) == ANSWERS
    _rounds(alice, 1, answers=False)
    assert _keepalive(alice.world) == SILENT
