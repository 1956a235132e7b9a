"""The calls of a gateway: each step of a call is journalled before it is in force, and before its message leaves.

One step of a call at a time, under the lock of its cell; so a slot is given back once, whoever ends the call.
"""

import os
from collections.abc import Callable
from json.encoder import encode_basestring_ascii
from typing import Final

from kemi import tables
from kemi.calls import ANSWERED, ENDED, HELD_MS, RINGING, TRYING, Call
from kemi.channels import Channels
from kemi.ksr import Htable
from kemi.recorder import Recorder

UIDS_AT_ONCE: Final = 64
_quote: Final = encode_basestring_ascii
LONGEST_TEXT: Final = 2000
"""Characters of a header that is kept."""


class End:
    """How a call ended. `held`: its slot stays taken for 32 seconds, unless the core's final answer comes first."""

    def __init__(
        self, by: str, code: int, rule: str | None = None, cause: str | None = None, held: bool = False
    ) -> None:
        self.by = by
        self.code = code
        self.rule = rule
        self.cause = cause
        self.held = held

    def fields(self, now: int) -> str:
        free = now + HELD_MS if self.held else 0
        return (
            f'"e":{now},"by":"{self.by}","code":{self.code},"rule":{text(self.rule)},"cause":{text(self.cause)},'
            f'"fr":{free}'
        )


class CallBook:
    """Calls by `call_key`."""

    def __init__(self, table: Htable, recorder: Recorder, channels: Channels) -> None:
        self._remove = table.sht_rm
        self._get = table.sht_get
        self._set = table.sht_sets
        self._lock = table.sht_lock
        self._unlock = table.sht_unlock
        self._recorder = recorder
        self._channels = channels
        self._uids: list[str] = []

    def new_uid(self, kind: str = "c") -> str:
        """Each process draws its own: the first is asked for after the fork. `kind` h: a leg for another region."""
        if not self._uids:
            random = os.urandom(8 * UIDS_AT_ONCE).hex()
            self._uids = [random[place : place + 16] for place in range(0, len(random), 16)]
        return f"{kind}-{self._uids.pop()}"

    def find(self, key: str) -> Call | None:
        found = self._get(tables.CALL, key)
        return Call.decode(str(found)) if found is not None else None

    def begin(self, key: str, call: Call, start: str, now: int) -> bool:
        """A call whose slot was taken; false when it must not go out: it cannot be recorded, there is no room, or
        another worker has just begun one of this key.
        """
        self._lock(tables.CALL, key)
        try:
            if self.find(key) is not None or not self._recorder.call(now, start):
                return False
            if self._set(tables.CALL, key, call.encode()) > 0:
                return True
            self._recorder.call(now, f'"id":"{call.uid}",{End("gateway", 503).fields(now)}')
            return False
        finally:
            self._unlock(tables.CALL, key)

    def refused(self, start: str, end: End, now: int) -> None:
        """An attempt that took no slot: its record is all there is."""
        self._recorder.call(now, f"{start},{end.fields(now)}")

    def moved(self, key: str, call: Call) -> bool:
        """The INVITE goes to another place; false when somebody has rung meanwhile, or the call is over."""
        self._lock(tables.CALL, key)
        try:
            now = self.find(key)
            if now is None or now.uid != call.uid or now.phase != TRYING:
                return False
            self._set(tables.CALL, key, call.encode())
            return True
        finally:
            self._unlock(tables.CALL, key)

    def rang(self, key: str, fields: str, callee: str, now: int) -> Call | None:
        """The first provisional answer. The call as it is then; None when it is unknown."""
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is None or call.phase >= RINGING:
                return call
            self._recorder.call(now, f'"id":"{call.uid}","r":{now},{_place(call, callee)},{fields}')
            call.phase, call.callee = RINGING, callee
            self._set(tables.CALL, key, call.encode())
            return call
        finally:
            self._unlock(tables.CALL, key)

    def answered(self, key: str, tag: str, fields: str, callee: str, now: int) -> Call | None:
        """An answer; a second one of another tag is a fork, which the call outlives. The call, as `rang` tells it."""
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is None or call.phase == ENDED or call.answered_by(tag):
                return call
            if call.phase != ANSWERED:
                self._recorder.call(
                    now, f'"id":"{call.uid}","w":{now},{_place(call, callee)},"tt":{exactly(tag)},{fields}'
                )
                call.phase, call.callee = ANSWERED, callee
            call.with_tag(tag)
            self._set(tables.CALL, key, call.encode())
            return call
        finally:
            self._unlock(tables.CALL, key)

    def left(self, key: str, tag: str, by: str, now: int) -> None:
        """A BYE; the call ends with the last of those who answered."""
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is None or call.phase != ANSWERED:  # a BYE in an early dialog: the INVITE's final answer ends it
                return
            others = call.tags_without(tag)
            if others:
                call.tags = others
                self._set(tables.CALL, key, call.encode())
            else:
                self._end(key, call, End(by, 200, held=True), now)
        finally:
            self._unlock(tables.CALL, key)

    def over(self, key: str, tag: str, by: str, now: int) -> bool:
        """A BYE has its answer: the slot comes back. Another worker may not even have seen the BYE yet. Whether the
        call is known.
        """
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is None:
                return False
            if call.phase == ANSWERED:
                others = call.tags_without(tag)
                if others:
                    call.tags = others
                    self._set(tables.CALL, key, call.encode())
                else:
                    self._end(key, call, End(by, 200), now)
            elif call.phase == ENDED and call.answered_by(tag):
                self._forget(key, call)
            return True
        finally:
            self._unlock(tables.CALL, key)

    def ended(self, key: str, uid: str, end: End, now: int) -> bool:
        """Any other end; false when the call has ended before."""
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is None or call.uid != uid or call.phase == ENDED:
                return False
            self._end(key, call, end, now)
            return True
        finally:
            self._unlock(tables.CALL, key)

    def _end(self, key: str, call: Call, end: End, now: int) -> None:
        self._recorder.call(now, f'"id":"{call.uid}",{end.fields(now)}')
        if end.held:
            call.phase = ENDED
            self._set(tables.CALL, key, call.encode())
        else:
            self._forget(key, call)

    def release(self, key: str, uid: str) -> None:
        """The slot of a call that has ended comes back; once, however often this is asked for.

        The cell of a call never comes again, so that it takes no lock to see that it has gone.
        """
        if self._get(tables.CALL, key) is None:
            return
        self._lock(tables.CALL, key)
        try:
            call = self.find(key)
            if call is not None and call.uid == uid and call.phase == ENDED:
                self._forget(key, call)
        finally:
            self._unlock(tables.CALL, key)

    def _forget(self, key: str, call: Call) -> None:
        self._remove(tables.CALL, key)
        self._channels.give_back(call.username, call.counted)

    def note(self, uid: str, fields: str, now: int) -> None:
        """A fact that the timer process must act on."""
        self._recorder.call(now, f'"id":"{uid}",{fields}')


def _place(call: Call, callee: str) -> str:
    """Who took the call; `core` is the carrier's side of an outbound one, an inbound one has told it at its start."""
    if call.outbound:
        return f'"b":"{callee}","core":"{callee}"'
    return f'"b":"{callee}","vr":{text(call.region)}'


def exactly(value: object) -> str:
    """A JSON string of what the timer process must know to the letter: Call-ID and tags, by which a call is found."""
    return _quote(str(value))


def readable(header: Callable[[str], str | None], name: str) -> str | None:
    """A header that only helps: one that is no UTF-8 (a name in Latin-1) stops no call."""
    try:
        return header(name)
    except UnicodeDecodeError:
        return None


def text(value: str | None) -> str:
    """A JSON string of bounded length, or null."""
    return _quote(value[:LONGEST_TEXT]) if value else "null"
