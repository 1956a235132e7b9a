"""Faults around the gateway: a store that is lost, damaged or not read; a clock that was set back."""

import json
import sqlite3

import pytest

from kemi import journal, tables
from kemi.blocks import block_record
from kemi.state import decode
from kemi.store import Store
from kemi.tables import Blocked
from tests.unit.kemi.fake_part import Sent
from tests.unit.kemi.world import Pbx, World


def test_B5_lifting_the_block_of_an_address_lifts_no_credentials_block_there(world: World, alice: Pbx) -> None:
    pen = journal.Journal(world.home / "journal", 1_763_000_000_000, 7)
    for uid, username in (("k-one", "alice"), ("k-all", None)):
        block = Blocked(world.clock.now + 900_000, uid, "flood")
        record = block_record(block, alice.address, username, "B2", world.clock.now)
        assert pen.append(json.dumps({"t": world.clock.now, "x": record}))
    world.boot()
    world.stored(("command", (1, "block", "k-all", '{"region": "nw1"}')))
    world.tick(2)
    assert [block["id"] for block in world.records("x") if block["lifted"]] == ["k-all"]
    assert world.ksr.htable.sht_get(tables.BLOCK, alice.address) is None
    assert _first(alice).code == 429


def test_F1_a_store_that_was_never_filled_withdraws_nobody(world: World, alice: Pbx) -> None:
    assert alice.register().code == 200
    _lose_store(world)
    world.boot()
    world.tick(3)
    assert decode(str(world.ksr.htable.sht_get(tables.STATE, "alice"))).binding is not None
    assert "withdrawn" not in world.causes()


def test_C5_a_failed_read_of_the_store_is_made_up_for(
    world: World, alice: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice.register().code == 200
    world.tick()
    world.credential("alice", enabled=False)
    with monkeypatch.context() as patch:
        patch.setattr("kemi.store.StoreReader.changes_since", _fail)
        world.timer.turn_clockwork(None, "")
    world.ksr.logged.clear()
    world.tick(2)
    assert world.state("alice").binding is None


def test_F2_a_clock_that_was_set_back_makes_no_present_journal_look_finished(world: World, alice: Pbx) -> None:
    assert alice.register().code == 200
    world.clock.advance(-3600)
    world.boot()
    world.clock.advance(3700)
    assert alice.register().code == 200
    files = journal.segments(world.home / "journal")
    assert not journal.is_finished(files[-1], files)
    assert len({file.boot for file in files}) == 2


def test_F1_a_damaged_store_is_no_snapshot(world: World, alice: Pbx) -> None:
    _lose_store(world, b"this is no database" * 100)
    world.boot()
    assert _first(alice).code == 503


def _first(pbx: Pbx) -> Sent:
    reply = pbx.send(pbx.message())
    assert reply is not None
    return reply


def _lose_store(world: World, left: bytes | None = None) -> None:
    world.store.close()
    for file in world.home.glob("store.sqlite*"):
        file.unlink()
    if left is None:
        world.store = Store(world.home / "store.sqlite")
    else:
        (world.home / "store.sqlite").write_bytes(left)


def _fail(*_: object) -> None:
    raise sqlite3.OperationalError("disk I/O error")
