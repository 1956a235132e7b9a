"""F1 and F2: shared memory is gone, store and journals are there."""

import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest

from kemi import cold_start, state, tables
from kemi.cold_start import Ledger
from kemi.region import Limits, Region, Thresholds
from kemi.state import Binding, State
from tests.unit.kemi.fake_htable import shipped_tables
from tests.unit.kemi.fake_ksr import Clock, FakeKsr
from tests.unit.kemi.values import held
from tests.unit.kemi.world import ADDRESS, Pbx, World

T = 1_764_000_000_000
BINDING = Binding("b-1", "192.0.2.7", 5060, "sip:a@h", "PBX", "call", 1, T, T + 300_000)


def _state(version: int, binding: Binding | None = BINDING) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(state.encode(State("alice", version, clock=T, binding=binding)))
    return decoded


def _block(uid: str = "k-1", *, until: int = T + 900_000, lifted: bool = False) -> dict[str, Any]:
    return {
        "id": uid,
        "a": "192.0.2.7",
        "u": None,
        "cause": "flood",
        "rule": "B2",
        "at": T,
        "until": until,
        "lifted": lifted,
    }


RECORDS: list[dict[str, Any]] = [
    {"t": T, "s": _state(1)},
    {"t": T, "s": _state(3, None)},
    {"t": T, "s": _state(2), "x": _block()},
    {"t": T, "x": _block(until=T + 5, lifted=True)},
    {"t": T, "x": _block("k-2")},
    {"t": T, "x": _block("k-3", until=T)},
    {"t": T, "e": {"rule": "R4"}},
]


def _tables(records: list[dict[str, Any]]) -> tuple[Any, Any, int]:
    ksr = FakeKsr(Clock(T), shipped_tables(), frozenset())
    ledger = Ledger()
    for record in records:
        ledger.line(record)
    live = ledger.write(ksr.htable, T)
    return ksr.htable.sht_get(tables.STATE, "alice"), ksr.htable.sht_get(tables.BLOCK, "192.0.2.7"), live


def test_F1_the_order_of_the_lines_does_not_matter() -> None:
    expected = (state.encode(State("alice", 3, clock=T)), f"{T + 900_000}|k-2|flood", 0)
    for records in itertools.islice(itertools.permutations(RECORDS), 0, 5040, 7):
        assert _tables(list(records)) == expected


@pytest.mark.parametrize("seed", range(5))
def test_F1_ledger_and_journals_however_they_are_split_give_the_same(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folder = tmp_path / "journal"
    folder.mkdir()
    for record in RECORDS:
        name = f"{T + chance.randrange(3)}-0{chance.randrange(4)}-000001.jsonl"
        with (folder / name).open("a") as file:
            file.write(json.dumps(record) + "\n")
    with (folder / f"{T}-01-000009.jsonl").open("w") as file:
        file.write(json.dumps({"t": T, "s": _state(99)}))  # torn: never acknowledged
    ksr = FakeKsr(Clock(T), shipped_tables(), frozenset())
    region = Region("nw1", ADDRESS, 5060, "r", tmp_path, Limits(), Thresholds(), False)
    loaded = cold_start.fill(ksr.htable, region, T)
    assert (loaded.snapshot, loaded.credentials, loaded.bindings) == (False, 0, 0)
    assert ksr.htable.sht_get(tables.STATE, "alice") == state.encode(State("alice", 3, clock=T))


def test_F1_a_live_binding_is_counted() -> None:
    assert _tables(RECORDS[:1])[2] == 1


def test_R4_and_R6_hold_over_a_restart(alice: Pbx) -> None:
    alice.register()
    known = alice.world.state("alice")
    alice.world.boot()
    assert held(alice.world.state("alice")) == held(known)
    assert Pbx(alice.world, address="127.0.17.30").register().code == 503
    early = alice.register()
    assert (early.code, early.retry_after) == (429, 100)


def test_R4_strikes_and_streak_hold_over_a_restart(alice: Pbx) -> None:
    for _ in range(12):
        alice.register()
        alice.world.boot()
    assert [block["cause"] for block in alice.world.records("x")] == ["blocked_early"]
    reply = alice.send(alice.message())
    assert reply is not None
    assert reply.code == 429


def test_R3_lists_are_in_force_from_the_first_request(alice: Pbx) -> None:
    alice.world.stored(("user_agent", ("u1", "phone", "Yealink*")), ("user_agent", ("u2", "gone", "Asterisk*")))
    alice.world.boot()
    assert alice.register().code == 200
    alice.user_agent = "Yealink T46"
    assert alice.register().code == 403


def _restarted_after(world: World, password: str | None) -> None:
    """The credential changed while Kamailio was down."""
    world.credential("alice", password)
    world.boot()
    world.tick(2)


def test_C5_a_credential_deleted_while_the_gateway_was_down_loses_its_binding(alice: Pbx) -> None:
    alice.register()
    _restarted_after(alice.world, None)
    assert alice.world.state("alice").binding is None


def test_C5_a_credential_rotated_while_the_gateway_was_down_loses_its_binding(alice: Pbx) -> None:
    alice.register()
    _restarted_after(alice.world, "newer")
    assert alice.world.state("alice").binding is None


def test_C5_a_credential_disabled_while_the_gateway_was_down_loses_its_binding(alice: Pbx) -> None:
    alice.register()
    alice.world.credential("alice", enabled=False)
    alice.world.boot()
    alice.world.tick(2)
    assert alice.world.state("alice").binding is None
