"""O4: calls for help pass limits and blocks, and are still authenticated."""

import pytest

from kemi import tables
from kemi.region import Thresholds
from tests.unit.kemi.callers import CORE, channels, dial, lines, with_cores
from tests.unit.kemi.conftest import Make
from tests.unit.kemi.world import Pbx, World

HELP = "alice!"
"""The counter of her emergency calls."""


@pytest.fixture
def world(make_world: Make) -> World:
    world = make_world(Thresholds(wrong_passwords=3))
    world.credential("alice")
    world.stored(("emergency_number", ("911", "listed")))
    return with_cores(world, CORE)


def test_O4_a_call_for_help_passes_the_rate_and_the_channels(alice: Pbx) -> None:
    for _ in range(100):
        alice.world.ksr.htable.sht_inc(tables.CHANNELS, "alice")
    assert dial(alice).code == 503
    assert [dial(alice, "911").code for _ in range(3)] == [0, 0, 0]
    assert (channels(alice.world), channels(alice.world, HELP)) == (100, 3)
    assert [line["em"] for line in lines(alice.world, "s")] == [0, 1, 1, 1]


def test_O4_the_eleventh_at_once_does_not(alice: Pbx) -> None:
    calls = [dial(alice, "911") for _ in range(10)]
    refused = dial(alice, "911")
    assert (refused.code, refused.reply and refused.reply.retry_after) == (503, 10)
    assert alice.world.records("e")[0]["rule"] == "O4"
    assert calls[0].answer("486 Busy Here") == 486
    assert dial(alice, "911").code == 0


def test_O4_a_call_for_help_spends_no_token_of_O2(alice: Pbx) -> None:
    assert [dial(alice, number).code for number in ("911", "+12125550123", "911")] == [0, 0, 0]


@pytest.mark.parametrize("number", ["9110", "91", "+911", "911;x=y", "112"])
def test_O4_only_exact_numbers_of_the_list(alice: Pbx, number: str) -> None:
    dial(alice, number)
    assert channels(alice.world, HELP) == 0


def test_O4_a_wrong_password_counts_like_any_other_and_a_block_lets_help_pass(alice: Pbx) -> None:
    alice.password = "wrong"
    assert [dial(alice, "911").code for _ in range(3)] == [407] * 3
    alice.password = "right"
    assert dial(alice).code == 429
    assert dial(alice, "911").code == 0


def test_O4_a_blocked_address_sends_five_such_INVITEs_a_second(alice: Pbx) -> None:
    alice.password = "wrong"
    for _ in range(3):
        dial(alice, "911")
    alice.password = "right"
    alice.world.clock.advance(1)
    answers = [dial(alice, "911") for _ in range(4)]
    assert [line.code for line in answers] == [0, 0, 429, 0]  # the last one got silence
    assert (len(answers[3].sent), channels(alice.world, HELP)) == (0, 2)
    alice.world.clock.advance(1)
    assert len(dial(alice, "911").sent) == 1
