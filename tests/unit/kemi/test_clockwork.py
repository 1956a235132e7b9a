"""The timer process: what the agent stored comes into force, and what is in force is said."""

import json
from typing import Any

import pytest

from kemi import state, tables
from kemi.state import SILENT, Binding, Peer
from tests.unit.kemi.values import changed
from tests.unit.kemi.world import Pbx, World


def _binding(world: World, username: str = "alice") -> Binding:
    binding = world.state(username).binding
    assert binding is not None
    return binding


def _pulse(world: World) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((world.home / "pulse.json").read_text())
    return facts


def test_C5_a_new_credential_registers_after_one_turn(world: World) -> None:
    pbx = Pbx(world, "carol")
    assert pbx.register().code == 401
    world.credential("carol")
    world.tick()
    assert pbx.register().code == 200


@pytest.mark.parametrize(("word", "enabled"), [(None, True), ("newer", True), ("right", False)])
def test_C5_what_is_withdrawn_loses_its_binding_and_keeps_its_clock(
    alice: Pbx, word: str | None, enabled: bool
) -> None:
    alice.register()
    clock = alice.world.state("alice").clock
    alice.world.credential("alice", word, enabled=enabled)
    alice.world.tick()
    known = alice.world.state("alice")
    assert (known.binding, known.clock) == (None, clock)
    assert alice.world.causes() == ["withdrawn"]
    assert alice.world.records("s")[-1]["b"] is None


def test_C5_a_new_label_changes_nothing(alice: Pbx) -> None:
    alice.register()
    alice.world.credential("alice")
    alice.world.tick()
    assert _binding(alice.world).address == alice.address
    assert alice.world.causes() == []


def test_C5_enabling_does_not_reset_the_clock(alice: Pbx) -> None:
    alice.register()
    for enabled in (False, True):
        alice.world.credential("alice", enabled=enabled)
        alice.world.tick()
    assert alice.register().code == 429


def test_R6_a_binding_is_removed_by_its_id_and_by_no_other(alice: Pbx) -> None:
    alice.register()
    uid = _binding(alice.world).uid
    alice.world.stored(("command", (7, "binding", "b-other", '{"username": "alice", "region": "nw1"}')))
    alice.world.tick()
    assert _binding(alice.world).uid == uid
    alice.world.stored(("command", (8, "binding", uid, '{"username": "alice", "region": "nw1"}')))
    alice.world.tick()
    assert alice.world.state("alice").binding is None
    assert alice.world.causes() == ["removed"]


def test_R6_commands_carried_out_again_after_a_restart_do_no_harm(alice: Pbx) -> None:
    alice.register()
    uid = _binding(alice.world).uid
    alice.world.stored(("command", (8, "binding", uid, '{"username": "alice", "region": "nw1"}')))
    alice.world.tick()
    alice.world.clock.advance(100)
    assert alice.register().code == 200
    alice.world.boot()
    alice.world.tick(2)
    assert _binding(alice.world).uid != uid


@pytest.mark.parametrize(("ahead", "stays"), [(-1, False), (1, True)])
def test_R6_of_two_that_race_the_earlier_stays(alice: Pbx, ahead: int, stays: bool) -> None:
    alice.register()
    since = _binding(alice.world).since + ahead
    alice.world.peer("alice", Peer("se1", "b-9", "127.0.17.30", 5060, "Other", since, since + 300_000, False))
    alice.world.tick()
    assert (alice.world.state("alice").binding is not None) is stays
    assert alice.world.causes() == ([] if stays else ["race_lost"])


def test_R6_a_silent_binding_goes_when_another_region_has_a_new_one(alice: Pbx) -> None:
    alice.register()
    world = alice.world
    silent = changed(world.state("alice"), binding=changed(_binding(world), keepalive=SILENT))
    world.ksr.htable.sht_sets(tables.STATE, "alice", state.encode(silent))
    since = world.clock.now + 1
    world.peer("alice", Peer("se1", "b-9", "127.0.17.30", 5060, "Other", since, since + 300_000, False))
    world.tick()
    assert world.state("alice").binding is None


def test_a_removed_rule_of_the_device_lists_is_gone(alice: Pbx) -> None:
    for kind, code in (("phone", 403), ("gone", 200)):
        alice.world.stored(("user_agent", ("u1", kind, "Asterisk*")))
        alice.world.tick()
        alice.world.clock.advance(1)
        assert alice.register().code == code


def test_the_pulse_says_what_is_in_force_at_once_and_then_every_second(world: World) -> None:
    world.tick()
    first = _pulse(world)
    assert (first["applied"], first["credentials"], first["bindings"], first["snapshot"]) == (3, 2, 0, True)
    world.tick(9)
    assert _pulse(world)["at"] == first["at"]
    world.tick(2)
    assert _pulse(world)["at"] > first["at"]
    world.credential("carol")
    world.tick()
    assert (_pulse(world)["applied"], _pulse(world)["credentials"]) == (4, 3)
    assert _pulse(world)["at"] == world.clock.now


def test_the_pulse_counts_bindings(alice: Pbx) -> None:
    alice.register()
    alice.world.tick(12)
    assert _pulse(alice.world)["bindings"] == 1


def test_an_error_in_one_turn_is_logged_and_the_next_tries_again(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("ALTER TABLE credential RENAME TO hidden")
    world.timer.turn_clockwork(None, "")
    assert [level for level, _ in world.ksr.logged if level == "crit"] == ["crit"]
    with world.store.transaction() as db:
        db.execute("ALTER TABLE hidden RENAME TO credential")
    world.ksr.logged.clear()
    world.credential("carol")
    world.tick()
    assert Pbx(world, "carol").register().code == 200
