"""The timer process: what the agent stored comes into force, and what is in force is said."""

import json
from typing import Any

import pytest

from kemi import state, tables
from kemi.journal import Journal
from kemi.state import SILENT, Binding, Peer
from kemi.tables import Credential, Route
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
        world.store.next_seq()
    world.timer.turn_clockwork(None, "")
    assert [level for level, _ in world.ksr.logged if level == "crit"] == ["crit"]
    with world.store.transaction() as db:
        db.execute("ALTER TABLE hidden RENAME TO credential")
    world.ksr.logged.clear()
    world.credential("carol")
    world.tick()
    assert Pbx(world, "carol").register().code == 200


def test_a_journal_line_that_cannot_be_taken_up_costs_no_other(world: World, alice: Pbx) -> None:
    region = world.timer._region
    Journal(region.journals, world.timer._boot, 0).append('{"t":1,"c":{"s":1}}')
    assert alice.register().code == 200
    world.timer.turn_clockwork(None, "")
    assert [level for level, _ in world.ksr.logged if level == "crit"] == ["crit"]
    assert world.ksr.htable.sht_get(tables.BOUND, alice.source.address) is not None


def test_I2_a_numbers_route_comes_into_force_and_goes(world: World) -> None:
    table = world.ksr.htable
    world.stored(("number", ("+14155550100", "alice", "acme", 1)), ("number", ("+14155550101", None, None, 1)))
    world.tick()
    assert Route.decode(str(table.sht_get(tables.NUMBER, "+14155550100"))) == Route("alice", "acme")
    assert Route.decode(str(table.sht_get(tables.NUMBER, "+14155550101"))) == Route(None, None)
    world.stored(("number", ("+14155550100", "alice", "acme", 0)))
    world.tick()
    assert table.sht_get(tables.NUMBER, "+14155550100") is None


def test_I1_O6_cores_come_into_force_and_a_disabled_one_may_still_call_in(world: World) -> None:
    table = world.ksr.htable
    world.stored(("core", ("co-1", "192.0.2.1", 5060, "enabled")), ("core", ("co-2", "192.0.2.2", 5070, "enabled")))
    world.tick()
    assert json.loads(str(table.sht_get(tables.META, "cores"))) == [["192.0.2.1", 5060], ["192.0.2.2", 5070]]
    world.stored(("core", ("co-1", "192.0.2.1", 5060, "disabled")), ("core", ("co-2", "192.0.2.2", 5070, "gone")))
    world.tick()
    assert json.loads(str(table.sht_get(tables.META, "cores"))) == []
    assert json.loads(str(table.sht_get(tables.META, tables.CORE_ADDRESSES))) == ["192.0.2.1"]


def test_O4_the_emergency_list_comes_into_force(world: World) -> None:
    world.stored(("emergency_number", ("911", "listed")), ("emergency_number", ("112", "listed")))
    world.tick()
    table = world.ksr.htable
    assert [table.sht_get(tables.EMERGENCY, digits) for digits in ("112", "911", "110")] == [1, 1, None]
    world.stored(("emergency_number", ("112", "gone")))
    world.tick()
    assert [table.sht_get(tables.EMERGENCY, digits) for digits in ("112", "911")] == [None, 1]


def test_F1_numbers_cores_and_the_emergency_list_are_there_after_a_restart(world: World) -> None:
    world.stored(("number", ("+14155550100", "alice", None, 1)), ("core", ("co-1", "192.0.2.1", 5060, "enabled")))
    world.stored(("emergency_number", ("911", "listed")))
    world.boot()
    table = world.ksr.htable
    assert Route.decode(str(table.sht_get(tables.NUMBER, "+14155550100"))) == Route("alice", None)
    assert json.loads(str(table.sht_get(tables.META, tables.CORE_ADDRESSES))) == ["192.0.2.1"]
    assert table.sht_get(tables.EMERGENCY, "911") == 1


def test_O5_a_credentials_tenant_comes_into_force_and_its_binding_stays(alice: Pbx) -> None:
    alice.register()
    alice.world.credential("alice", tenant="acme")
    alice.world.tick()
    credential = Credential.decode(str(alice.world.ksr.htable.sht_get(tables.CREDENTIAL, "alice")))
    assert credential.tenant == "acme"
    assert alice.world.state("alice").binding is not None


def test_B5_a_block_that_is_over_is_forgotten(world: World) -> None:
    stranger = Pbx(world, "nobody", "wrong", "127.0.17.77")
    world.tick()
    while not world.timer._clockwork._ledger.blocks:
        stranger.register()
        world.tick()
    world.clock.advance(86_400)
    world.tick()
    assert world.timer._clockwork._ledger.blocks == {}
