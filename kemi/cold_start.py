"""Filling the tables before the first request: from the region store and the journals alone (rule F1)."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kemi import apply, destinations, journal, state, tables
from kemi.blocks import count_wrong, put
from kemi.calls import Call, call_key, merged, restored
from kemi.channels import Channels
from kemi.ksr import Htable
from kemi.region import Region
from kemi.store import StoreReader
from kemi.stored import Changes, ColdStart
from kemi.tables import Blocked


class Loaded(NamedTuple):
    """What was found. `snapshot` is false when the agent has never filled the store."""

    credentials: int
    bindings: int
    calls: int
    change: int | None
    snapshot: bool


def fill(table: Htable, region: Region, now: int) -> Loaded:
    """Credentials, peers and lists as of the store; registrations and blocks as of the last line of the journals."""
    changes, cold = _read_store(region.store)
    apply.credentials(table, changes.credentials, now)
    apply.peers(table, changes.peers)
    apply.numbers(table, changes.numbers)
    apply.Lists(table).apply(changes)
    table.sht_seti(tables.META, "snapshot", int(changes.change is not None))
    ledger = Ledger()
    for known in cold.states:
        ledger.state(known)
    for block in cold.blocks:
        ledger.block(block)
    for call in cold.calls:
        ledger.call(call)
    for segment in journal.segments(region.journals):
        for record, _ in journal.read(segment.path, cold.positions.get(segment.name, 0)):
            ledger.line(record)
            if "c" in record:
                ledger.call(record["c"])
    bindings = ledger.write(table, now)
    _recount(table, region, ledger, now)
    calls = _restore_calls(table, region, ledger, now)
    destinations.write(table, region)
    return Loaded(len(changes.credentials), bindings, calls, changes.change, changes.change is not None)


def _restore_calls(table: Htable, region: Region, ledger: "Ledger", now: int) -> int:
    """O3: calls in progress go on and count, and so does a slot that is held, unless a later call has its key."""
    channels = Channels(table, region.limits)
    found: dict[str, Call] = {}
    for known in sorted(ledger.calls.values(), key=lambda each: int(each.get("s") or 0)):
        call = restored(known, now)
        if call is not None:
            found[call_key(known["ci"], known["ft"])] = call
    for key, call in found.items():
        table.sht_sets(tables.CALL, key, call.encode())
        channels.restore(call.username, call.counted)
    return len(found)


def _read_store(path: Path) -> tuple[Changes, ColdStart]:
    """A damaged store is none: the agent sets it aside and fills a new one, and the journals know what they know."""
    reader = StoreReader(path)
    try:
        return reader.changes_since(0), reader.cold_start()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        return Changes(), ColdStart()
    finally:
        reader.close()


def _recount(table: Htable, region: Region, ledger: "Ledger", now: int) -> None:
    """B2: the wrong passwords of the window that is running, from journals that were folded long ago too."""
    window = region.thresholds.wrong_window * 1000
    begin = now // window * window
    for segment in journal.segments(region.journals):
        for record in _wrong_passwords(segment.path):
            address, username = record["w"]
            if record["t"] >= max(begin, ledger.cleared(address, username)):
                count_wrong(table, region.thresholds, address, username, now)


def _wrong_passwords(path: Path) -> Iterator[dict[str, Any]]:
    """Few lines have a "w"; only those are parsed."""
    with path.open("rb") as file:
        for line in file:
            if b'"w":[' in line and line.endswith(b"\n"):
                yield json.loads(line)


class Ledger:
    """Journal lines folded into what is true now, whatever their order."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {}
        self.blocks: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}

    def line(self, record: dict[str, Any]) -> None:
        if "s" in record:
            self.state(record["s"])
        if "x" in record:
            self.block(record["x"])

    def call(self, line: dict[str, Any]) -> None:
        known = self.calls.get(line["id"])
        self.calls[line["id"]] = merged(known, line) if known else line

    def state(self, known: dict[str, Any]) -> None:
        self.states[known["u"]] = journal.newer(self.states.get(known["u"]), known)

    def block(self, known: dict[str, Any]) -> None:
        self.blocks[known["id"]] = journal.newer_block(self.blocks.get(known["id"]), known)

    def forget_blocks(self, now: int) -> None:
        """Those that are over: nobody lifts them any more."""
        self.blocks = {uid: block for uid, block in self.blocks.items() if block["until"] > now}

    def cleared(self, address: str, username: str | None) -> int:
        """When the count of wrong passwords began anew: at a registration, or when a block was lifted."""
        lifted: list[int] = [
            block["until"]
            for block in self.blocks.values()
            if block["lifted"] and block["a"] == address and block["u"] in (username, None)
        ]
        known = self.states.get(username or "") or {"clock": 0, "b": None}
        here = known["b"] is not None and known["b"]["a"] == address
        registered: int = known["clock"] if here else 0
        return max([*lifted, registered])

    def write(self, table: Htable, now: int) -> int:
        """Puts it into the tables; returns how many live bindings there are."""
        for block in self.blocks.values():
            if block["until"] > now and not block["lifted"]:
                blocked = Blocked(block["until"], block["id"], block["cause"])
                put(table, block["a"], block["u"], blocked)
        live = 0
        for known in self.states.values():
            restored = state.from_dict(known)
            table.sht_sets(tables.STATE, restored.username, state.encode(restored))
            if restored.binding is not None and restored.binding.live(now):
                table.sht_seti(tables.BOUND, restored.binding.address, 1)
                live += 1
        return live
