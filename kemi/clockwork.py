"""The timer process: brings what the agent stored into force, watches the bindings, and says what is in force.

Nothing here is on a request's way; blocking calls do no harm.
"""

import errno
import json
import os
from functools import partial
from typing import Any, Final

from kemi import apply, destinations, journal, registration, tables
from kemi.blocks import Blocks
from kemi.callbook import CallBook
from kemi.calls import restored
from kemi.callwatch import CallWatch
from kemi.cold_start import Ledger
from kemi.credentials import Credentials
from kemi.follower import Follower
from kemi.keepalive import KeepAlive
from kemi.ksr import Ksr
from kemi.recorder import WINDOW_MS, Recorder
from kemi.region import Region
from kemi.registrar import Registrar
from kemi.removal import Reason, Removals
from kemi.state import Binding, Peer
from kemi.store import StoreReader
from kemi.stored import Changes, Command
from kemi.tables import block_key

TICKS_A_SECOND: Final = 10
PULSE_EVERY_MS: Final = 1000
FORGET_EVERY_MS: Final = 60_000


class Clockwork:
    """One turn is `tick`."""

    def __init__(
        self,
        ksr: Ksr,
        region: Region,
        boot: int,
        reader: StoreReader,
        recorder: Recorder,
        registrar: Registrar,
        blocks: Blocks,
        book: CallBook,
    ) -> None:
        self._ksr = ksr
        self._table = ksr.htable
        self._region = region
        self._boot = boot
        self._reader = reader
        self._recorder = recorder
        self._removals = Removals(ksr, recorder, registrar)
        self._credentials = Credentials(ksr.htable, self._removals)
        self._blocks = blocks
        self._follower = Follower(region.journals)
        self._ledger = Ledger()
        self._calls = CallWatch(ksr, region, book)
        self._keepalive = KeepAlive(ksr, region, TICKS_A_SECOND)
        self._lists = apply.Lists(ksr.htable)
        self._tallies: list[dict[str, Any]] = []
        self._seq = 0
        self._behind = True
        self._applied: int | None = None
        self._pulsed = 0
        self._pulse_file, self._pulse_draft = str(region.pulse), str(region.pulse.with_suffix(".new"))
        self._start()

    def tick(self, now: int) -> None:
        """Ten times a second; `now` is milliseconds since the epoch."""
        self._follow_journals(now)
        before = self._applied
        self._behind = self._reader.has_changed() or self._behind
        if self._behind:
            self._apply(self._reader.changes_since(self._seq), now)
            self._behind = False
        self._credentials.turn(now)
        for username, uid, keepalive in self._keepalive.turn(now):
            self._removals.note(username, uid, keepalive, now)
        self._calls.turn(now)
        self._close_tallies(now)
        if self._applied != before or now - self._pulsed >= PULSE_EVERY_MS:
            self._pulse(now)

    def _start(self) -> None:
        """Takes up what the cold start found."""
        cold = self._reader.cold_start()
        self._follower = Follower(self._region.journals, cold.positions)
        for known in cold.states:
            self._ledger.state(known)
            self._keepalive.watch(known["u"], known["b"], fresh=False)
        for block in cold.blocks:
            self._ledger.block(block)
        now = self._boot
        for call in cold.calls:
            if restored(call, now) is not None:
                self._calls.restore(call, now)
            elif "s" not in call:  # its beginning is behind the fold
                self._calls.line(call, now)

    def _follow_journals(self, now: int) -> None:
        texts = [text for text in self._follower.new() if not self._calls.hear(text, now)]
        for record in journal.records(texts):
            try:
                self._take_up(record, now)
            except Exception as error:  # noqa: BLE001 - one line shall not cost those behind it
                self._ksr.crit(f"journal line: {type(error).__name__}: {error}\n")

    def _take_up(self, record: dict[str, Any], now: int) -> None:
        self._ledger.line(record)
        if "c" in record:
            self._calls.line(record["c"], now)
        if "s" in record:
            known = self._ledger.states[record["s"]["u"]]
            self._keepalive.watch(known["u"], known["b"])
        if "o" in record and record["t"] >= self._boot:
            self._tallies.append({**record["o"], "t": record["t"]})

    def _apply(self, changes: Changes, now: int) -> None:
        """A store that was never filled (`change` None) says nothing about anybody: no binding goes for it."""
        changed = self._credentials.put(changes.credentials, now)
        raced = apply.peers(self._table, changes.peers)
        apply.numbers(self._table, changes.numbers)
        self._lists.apply(changes)
        if (changes.cores or changes.regions) and destinations.write(self._table, self._region):
            self._ksr.dispatcher.ds_reload()
        if changes.change is not None:
            self._credentials.withdraw(changed if self._applied is not None else [*changed, *self._bound()], now)
        for username in raced:
            self._settle_race(username, now)
        for command in changes.commands:
            self._carry_out(command, now)
        if changes.change is not None:
            self._table.sht_seti(tables.META, "snapshot", 1)
        self._seq, self._applied = changes.seq, changes.change

    def _bound(self) -> list[str]:
        """After a start: whose credential may have changed while the gateway was down."""
        return [username for username, known in self._ledger.states.items() if known["b"]]

    def _carry_out(self, command: Command, now: int) -> None:
        if command.entity == "binding":
            removed = Reason("R6", "removed", {})
            username, uid = json.loads(command.data)["username"], command.entity_id
            self._removals.drop(username, now, lambda binding: removed if binding.uid == uid else None)
        elif command.entity == "block":
            self._lift(command.entity_id, now)
        elif command.entity == "call":
            self._calls.end(command.entity_id, now)
        elif command.entity == "calls_of":
            self._follow_journals(now)  # a worker may have begun one with the password of before
            self._calls.end_all(command.entity_id, int(json.loads(command.data)["before"]), now)

    def _lift(self, uid: str, now: int) -> None:
        """B5."""
        block = self._ledger.blocks.get(uid)
        if block is None or block["lifted"] or block["until"] <= now:
            return
        key = block_key(block["a"], block["u"])
        blocked = self._table.sht_get(tables.BLOCK, key)
        if blocked is not None and tables.Blocked.decode(str(blocked)).uid == uid:
            self._table.sht_rm(tables.BLOCK, key)
        self._blocks.clear_counts(block["a"], block["u"], now)
        self._ledger.block({**block, "lifted": True})
        self._recorder.write(now, block={**block, "lifted": True, "until": now})

    def _settle_race(self, username: str, now: int) -> None:
        """R6: of two regions' bindings the earlier stays."""
        name = self._region.name
        for peer in apply.known_peers(self._table, username):
            self._removals.drop(username, now, partial(_lost, peer=peer, region=name, now=now))

    def _close_tallies(self, now: int) -> None:
        """Writes what was only counted, once its window is over."""
        ended = [tally for tally in self._tallies if now // WINDOW_MS > tally["t"] // WINDOW_MS]
        for tally in ended:
            self._tallies.remove(tally)
            count = int(self._table.sht_get(tables.TALLY, tally["key"]) or 0) - tally["over"]
            if count > 0:
                end = (tally["t"] // WINDOW_MS + 1) * WINDOW_MS
                self._recorder.write(tally["t"], event={**tally["first"], "n": count, "until": end})

    def _pulse(self, now: int) -> None:
        if now // FORGET_EVERY_MS != self._pulsed // FORGET_EVERY_MS:
            self._ledger.forget_blocks(now)
        self._pulsed = now
        facts = {
            "pid": os.getppid(),
            "boot": self._boot,
            "configuration": self._region.configuration,
            "at": now,
            "seq": self._seq,
            "applied": self._applied,
            "credentials": len(self._credentials),
            "bindings": len(self._keepalive),
            "calls": len(self._calls),
            "channels": self._calls.channels(),
            "snapshot": self._applied is not None,
            "dead_cores": destinations.dead(self._table, self._ksr.dispatcher),
            "test_limits": self._region.test_limits,
        }
        _write(self._pulse_draft, json.dumps(facts).encode())
        os.rename(self._pulse_draft, self._pulse_file)


def _write(name: str, content: bytes) -> None:
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        if os.write(file, content) < len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
    finally:
        os.close(file)


def _lost(binding: Binding, peer: Peer, region: str, now: int) -> Reason | None:
    if not registration.loses(binding, peer, region, now):
        return None
    details: dict[str, object] = {
        "holder_region": peer.region,
        "holder_address": peer.address,
        "holder_user_agent": peer.user_agent,
        "address": binding.address,
        "user_agent": binding.user_agent,
        "expires": peer.expires,
    }
    return Reason("R6", "race_lost", details)
