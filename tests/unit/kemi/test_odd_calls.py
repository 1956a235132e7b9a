"""W2, F2 and O3: whatever stands in a message, its line in the journal can be read, and no slot is lost by it."""

import pytest

from kemi import tables
from kemi.calls import Call, call_key
from tests.unit.kemi.callers import CORE, answered, call_in, channels, dial, lines, with_cores
from tests.unit.kemi.world import Pbx, World

LATIN_1 = '"B\udcfcro" <sip:pbx@10.0.0.9>'
"""A name with a byte that is no UTF-8."""


@pytest.fixture
def world(world: World) -> World:
    world.stored(("number", ("+14155550100", "alice", None, 1)))
    return with_cores(world, CORE)


def test_O3_a_Contact_that_cannot_be_read_stops_no_call(alice: Pbx) -> None:
    line = dial(alice, Contact=LATIN_1)
    assert (line.code, channels(alice.world), lines(alice.world, "s")[0]["ct"]) == (0, 1, None)
    assert line.answer("200 OK", Contact=LATIN_1) == 200
    assert lines(alice.world, "w")[0]["cc"] is None


def test_I2_a_Contact_of_a_core_that_cannot_be_read_stops_no_call(alice: Pbx) -> None:
    alice.register()
    assert len(call_in(alice.world, Contact=LATIN_1).sent) == 1


@pytest.mark.parametrize("header", ["To", "From"])
def test_O3_an_INVITE_that_cannot_be_read_takes_no_slot(alice: Pbx, header: str) -> None:
    odd: dict[str, str | None] = {
        header: "<sip:b\udcfcro@sip.example.org>;tag=f".removesuffix(";tag=f" * (header == "To"))
    }
    assert dial(alice, "+12125550123", **odd).code in (400, 407)
    assert (channels(alice.world), lines(alice.world, "s")) == (0, [])


@pytest.mark.parametrize("user", ["911\0", "\0"])
def test_W2_a_NUL_in_what_was_dialled_is_malformed(alice: Pbx, user: str) -> None:
    assert dial(alice, user).code == 400
    assert call_in(alice.world, user).code == 400
    alice.world.ksr.htable.sht_seti(tables.SUSPECT, alice.address, 1)
    alice.world.ksr.htable.sht_sets(tables.BLOCK, alice.address, f"{alice.world.clock.now + 1000}|k-1|flood")
    assert dial(alice, user).code == 429


def test_F2_a_number_with_zeros_before_it_is_a_number(alice: Pbx) -> None:
    dial(alice, CSeq="0007 INVITE")
    assert lines(alice.world, "s")[0]["cs"] == 7


@pytest.mark.parametrize("text", ['quo"te\\', "pi|pe", "t\tab", "ümläut", "x" * 3000])
def test_O3_a_call_with_an_odd_call_id_ends_like_any_other(alice: Pbx, text: str) -> None:
    line = answered(alice, Call_ID=text)
    line.within("BYE")  # the core never answers it
    assert lines(alice.world, "s")[0]["ci"] == text
    alice.world.tick(330)
    assert (channels(alice.world), line.call) == (0, None)


@pytest.mark.parametrize("text", ["x" * 3000, "nul\0", "pi|pe"])
def test_O7_a_call_with_an_odd_call_id_is_found_dead(alice: Pbx, text: str) -> None:
    answered(alice, Call_ID=text)
    alice.world.tick(900)
    assert channels(alice.world) == 0


@pytest.mark.parametrize("tag", ["pi|pe", "x" * 3000, 'quo"te'])
def test_O3_an_odd_tag_of_the_callee_is_known_after_a_restart(alice: Pbx, tag: str) -> None:
    alice.world.clock.advance(1)
    line = dial(alice)
    assert line.answer("200 OK", tag=tag) == 200
    alice.world.boot()
    assert line.within("BYE", tag=tag).answer("200 OK") == 200
    assert channels(alice.world) == 0


def test_a_key_is_made_of_call_id_and_tag_whatever_they_hold(alice: Pbx) -> None:
    answered(alice, Call_ID="a|b")
    known = alice.world.ksr.htable.sht_get(tables.CALL, call_key("a|b", "f"))
    assert Call.decode(str(known)).username == "alice"
