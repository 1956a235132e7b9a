"""O7 and O3: the timer process watches calls: who is gone, what lasted too long, what comes too late."""

import json
from collections.abc import Mapping

import pytest

from kemi.calls import ENDED
from kemi.callwatch import CallWatch
from kemi.region import Limits
from tests.sip import message as sip
from tests.unit.kemi.callers import CORE, Line, answered, channels, dial, lines, with_cores
from tests.unit.kemi.conftest import Make
from tests.unit.kemi.fake_ksr import Source
from tests.unit.kemi.world import Pbx, World

ROUND = 300
"""Turns between two questions."""


@pytest.fixture
def world(world: World) -> World:
    return with_cores(world, CORE)


@pytest.fixture
def up(alice: Pbx) -> Line:
    return answered(alice)


def _sent(world: World, method: str, to: Source) -> list[sip.Message]:
    place = f"sip:{to.address}:{to.port}"
    return [
        sip.parse(datagram.data.encode())
        for datagram in world.ksr.datagrams
        if datagram.uri == place and datagram.data.startswith(method)
    ]


def _turns(world: World, count: int, answers: Mapping[Source, str]) -> None:
    """What the timer process says to these sides is answered at once."""
    for _ in range(count):
        begun = len(world.ksr.datagrams)
        world.tick()
        for datagram in world.ksr.datagrams[begun:]:
            host, port = datagram.uri.removeprefix("sip:").split(":")
            side = Source(host, int(port))
            if side in answers:
                assert not world.respond(sip.answer(sip.parse(datagram.data.encode()), answers[side]), side)


@pytest.mark.parametrize("status", ["200 OK", "405 Method Not Allowed", "500 Out Of Order"])
def test_O7_sides_that_answer_are_asked_once_a_round(up: Line, status: str) -> None:
    _turns(up.world, 4 * ROUND, dict.fromkeys((CORE, up.source), status))
    assert [3 <= len(_sent(up.world, "OPTIONS", side)) <= 4 for side in (CORE, up.source)] == [True, True]
    assert (channels(up.world), lines(up.world, "e")) == (1, [])


@pytest.mark.parametrize("silent", ["core", "PBX"])
def test_O7_a_side_that_falls_silent_ends_the_call_within_90_seconds(up: Line, silent: str) -> None:
    sides = {"core": CORE, "PBX": up.source}
    del sides[silent]
    _turns(up.world, 899, dict.fromkeys(sides.values(), "200 OK"))
    (end,) = lines(up.world, "e")
    assert (end["by"], end["rule"], end["cause"]) == (
        "gateway",
        "O7",
        "callee_silent" if silent == "core" else "caller_silent",
    )
    assert [len(_sent(up.world, "BYE", side)) > 0 for side in (CORE, up.source)] == [True, True]
    assert channels(up.world) == 0


def test_O7_a_side_that_has_no_such_call_ends_it(up: Line) -> None:
    """But not while the core may still repeat its 200 to a caller that has not heard it."""
    _turns(up.world, ROUND + 10, {CORE: "200 OK", up.source: "481 Gone"})
    assert lines(up.world, "e") == []
    _turns(up.world, ROUND + 10, {CORE: "200 OK", up.source: "481 Gone"})
    assert [end["cause"] for end in lines(up.world, "e")] == ["caller_lost_call"]
    assert (channels(up.world), len(_sent(up.world, "BYE", CORE)), len(_sent(up.world, "BYE", up.source))) == (0, 1, 1)


def test_O7_a_BYE_is_repeated_until_it_is_answered_or_the_slot_comes_back(up: Line) -> None:
    _turns(up.world, 900, {CORE: "481 Gone"})
    assert (len(_sent(up.world, "BYE", CORE)), len(_sent(up.world, "BYE", up.source))) == (1, 11)


def test_O7_the_longest_call_ends(make_world: Make) -> None:
    world = make_world(None, Limits(longest_call=60))
    world.credential("alice")
    pbx = Pbx(with_cores(world, CORE))
    answered(pbx)
    _turns(world, 899, dict.fromkeys((CORE, pbx.source), "200 OK"))
    assert [end["cause"] for end in lines(world, "e")] == ["longest_call"]
    assert channels(world) == 0


def test_an_administrator_ends_a_call_with_a_BYE_to_both_sides(up: Line) -> None:
    assert up.call is not None
    up.world.stored(("command", (7, "call", up.call.uid, '{"region": "nw1"}')))
    up.world.tick(3)
    (end,) = lines(up.world, "e")
    assert (end["by"], end["code"], end["cause"]) == ("administrator", 200, "ended")
    assert [len(_sent(up.world, "BYE", side)) for side in (CORE, up.source)] == [1, 1]


@pytest.mark.parametrize("alive", [True, False])
def test_an_administrator_ends_a_call_that_rings(alice: Pbx, alive: bool) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    world = alice.world
    if alive:
        world.ksr.tmx.alive.add(line.invite.one("Call-ID"))
    assert line.call is not None
    world.stored(("command", (7, "call", line.call.uid, '{"region": "nw1"}')))
    world.tick(3)
    assert len(_sent(world, "CANCEL", CORE)) == (0 if alive else 1)
    line.answer("487 Request Terminated")
    assert ([end["by"] for end in lines(world, "e")], channels(world)) == (["administrator"], 0)


def test_an_administrator_ends_a_call_that_is_answered_meanwhile(alice: Pbx) -> None:
    line = dial(alice)
    line.answer("180 Ringing")
    assert line.call is not None
    alice.world.stored(("command", (7, "call", line.call.uid, '{"region": "nw1"}')))
    alice.world.tick(3)
    line.answer("200 OK", Contact="<sip:core@h>")
    alice.world.tick(20)
    assert [len(_sent(alice.world, "BYE", side)) for side in (CORE, alice.source)] == [3, 3]


def test_W4_an_answer_that_comes_too_late_is_acknowledged_and_ended(alice: Pbx) -> None:
    line = dial(alice)
    line.silence()
    for _ in range(2):
        line.answer("200 OK", Contact="<sip:core@h>")
        alice.world.tick(20)
    assert (line.call is not None and line.call.phase, channels(alice.world)) == (ENDED, 1)
    assert [len(_sent(alice.world, method, CORE)) for method in ("ACK", "BYE")] == [2, 4]
    alice.world.respond(sip.answer(_sent(alice.world, "BYE", CORE)[0], "200 OK"), CORE)
    assert channels(alice.world) == 0


def test_W4_a_core_that_rings_too_late_is_cancelled(alice: Pbx) -> None:
    line = dial(alice)
    line.silence()
    line.answer("180 Ringing")
    alice.world.tick(2)
    assert len(_sent(alice.world, "CANCEL", CORE)) == 1


def test_nothing_is_left_of_calls_that_are_over(alice: Pbx) -> None:
    world = alice.world
    for answer in ("486 Busy Here", "200 OK", "200 OK"):
        world.clock.advance(1)
        line = dial(alice)
        line.answer(answer)
        if answer == "200 OK":
            line.within("BYE").answer("200 OK")
    line.answer("200 OK")
    world.tick(330)
    watch = world.timer._clockwork._calls
    assert len(watch) == 0
    world.tick(2000)
    assert (len(watch._agenda), len(watch._speech)) == (0, 0)


@pytest.mark.parametrize("plain", [True, False])
def test_O3_a_line_in_another_form_says_the_same(alice: Pbx, monkeypatch: pytest.MonkeyPatch, plain: bool) -> None:
    """Plain lines are not read; those of another form are."""
    if not plain:
        monkeypatch.setattr("kemi.callwatch.head", lambda _: ("", ""))
    world = alice.world
    up, over = answered(alice), answered(alice)
    world.clock.advance(1)
    rings = dial(alice)
    world.tick()
    over.within("BYE")
    world.tick(310)
    assert (len(world.timer._clockwork._calls), channels(world)) == (3, 3)
    world.tick(20)
    assert (len(world.timer._clockwork._calls), channels(world)) == (2, 2)
    assert len(_sent(world, "OPTIONS", CORE)) > 0
    assert [up.call is None, over.call is None, rings.call is None] == [False, True, False]


def test_O3_an_end_that_is_read_before_the_beginning(alice: Pbx) -> None:
    """The lines of a call lie in the files of several processes."""
    world, line = alice.world, answered(alice)
    assert line.call is not None
    line.within("BYE")
    texts = [text for file in (world.home / "journal").iterdir() for text in file.read_text().splitlines()]
    watch = _wound_up(world)
    for text in reversed([text for text in texts if line.call.uid in text]):
        if not watch.hear(text, world.clock.now):
            watch.line(json.loads(text)["c"], world.clock.now)
    assert len(watch) == 1
    watch.turn(world.clock.now + 31_000)
    assert (len(watch), channels(world)) == (1, 1)
    watch.turn(world.clock.now + 33_000)
    assert (len(watch), channels(world)) == (0, 0)


def test_a_word_about_a_call_that_is_over_is_forgotten(alice: Pbx) -> None:
    watch = _wound_up(alice.world)
    now = alice.world.clock.now
    watch.line({"id": "c-1f", "e": now, "by": "callee", "code": 200, "rule": None, "cause": None, "fr": now}, now)
    watch.turn(now + 31_000)
    assert len(watch) == 1
    watch.turn(now + 33_000)
    assert len(watch) == 0


def _wound_up(world: World) -> CallWatch:
    """The timer process's, which has read nothing."""
    handler = world.timer
    return CallWatch(world.ksr, handler._region, handler._book)
