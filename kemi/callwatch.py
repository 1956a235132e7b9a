"""Calls in progress, watched by the timer process: is either side gone, has one lasted too long, is a slot due back
(rules O3 and O7). What the gateway itself must say within a call is said here.
"""

import heapq
from collections.abc import Callable
from typing import Any, Final

from kemi import tables
from kemi.callbook import CallBook, End
from kemi.calls import HELD_MS, call_key, merged
from kemi.channels import slots_key
from kemi.ksr import Ksr
from kemi.leg import CALLEE, CALLER, Leg
from kemi.region import Limits, Region

Known = dict[str, Any]

ASK_AT_MS: Final = (0, 500, 1000, 2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000, 18000, 20000, 22000)
"""When an OPTIONS is sent until it is answered; with a third of all packets lost, all of them are in one of 10,000."""
SILENT_MS: Final = 24_000
"""Without an answer for so long, a side is gone."""
BYE_AT_MS: Final = (0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500)
"""Timer E (RFC 3261 §17.1.2.2)."""
MARGIN_MS: Final = 10_000
"""After the longest ringing time, for tm to end the call itself."""

Turn = Callable[[int], None]
Heard = tuple[int, int]


class CallWatch:
    """Fed with the calls of journal lines, merged. `turn` is called ten times a second."""

    def __init__(self, ksr: Ksr, region: Region, book: CallBook) -> None:
        self._table = ksr.htable
        self._send = ksr.corex.send_data
        self._cancel_transaction = ksr.tmx.t_cancel_callid
        self._region = region
        self._limits: Limits = region.limits
        self._book = book
        self._known: dict[str, Known] = {}
        self._counters: set[str] = set()
        self._due: list[tuple[int, int, Turn]] = []
        self._count = 0

    def __len__(self) -> int:
        """Calls in progress."""
        return len(self._known)

    def line(self, fields: Known, now: int) -> None:
        """What a journal line says of a call."""
        uid = str(fields["id"])
        if "s" in fields and "e" in fields:
            return  # refused: there was no call
        before = self._known.get(uid)
        self._known[uid] = known = merged(before, fields) if before else fields
        if "s" in fields:
            self._act(known, known, now)  # also what came before, from another process's file
        elif "s" in known:
            self._act(known, fields, now)
        elif before is None:
            self._at(now + HELD_MS, lambda _: self._forget_unless_begun(uid))

    def _forget_unless_begun(self, uid: str) -> None:
        """A word about a call that was over."""
        if "s" not in self._known.get(uid, {"s": 0}):
            del self._known[uid]

    def restore(self, known: Known, now: int) -> None:
        """A call of before a start."""
        self._known[str(known["id"])] = known
        self._act(known, known, now)

    def channels(self) -> int:
        """Slots that are taken, as the counters say, of all who made calls since they had none."""
        counts = {slots: int(self._table.sht_get(tables.CHANNELS, slots) or 0) for slots in self._counters}
        self._counters = {slots for slots, count in counts.items() if count}
        return sum(counts.values())

    def end(self, uid: str, now: int) -> None:
        """An administrator ends a call (DELETE /v1/calls)."""
        known = self._known.get(uid)
        if known is None or "e" in known:
            return
        if "w" in known:
            self._hang_up(known, End("administrator", 200, None, "ended", held=True), now)
        else:
            self._hang_up(known, End("administrator", 487, None, "ended", held=True), now)
            self._cancel(known)

    def turn(self, now: int) -> None:
        """Does what is due."""
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2](now)

    def _act(self, known: Known, fields: Known, now: int) -> None:
        uid = str(known["id"])
        if "s" in fields and fields["k"]:
            self._counters.add(slots_key(str(fields["u"]), int(fields["k"])))
        if "cx" in fields or ("r" in fields and "cx" in known):
            self._cancel(known)
        if "ack" in fields:
            self._tell(known, CALLEE, Leg.ack_refusal, str(fields.get("at") or ""))
        if "late" in fields:
            self._end_late(known, fields, now)
        if "rb" in fields and fields["rb"] == known["rb"]:
            self._say_bye(uid, CALLEE if known["d"] == "out" else CALLER, now, now)
        if "e" in fields:
            self._ended(known, now)
        elif "w" in fields:
            first = self._limits.call_check * 1000
            self._at(now + first // 2 + hash(uid) % (first // 2), lambda at: self._check(uid, at))
        elif "s" in fields:
            self._at(int(known["s"]) + self._limits.ringing * 1000 + MARGIN_MS, lambda at: self._rang_too_long(uid, at))

    def _ended(self, known: Known, now: int) -> None:
        free = int(known.get("fr") or 0)
        uid = str(known["id"])
        if "w" in known and known["by"] in ("gateway", "administrator") and free > now:
            for side in (CALLER, CALLEE):
                self._say_bye(uid, side, free - HELD_MS, now)
        self._at(max(free, now), lambda _: self._release(uid))

    def _release(self, uid: str) -> None:
        known = self._known.pop(uid, None)
        if known is not None:
            self._book.release(_key(known), uid)

    def _check(self, uid: str, now: int) -> None:
        """A round of questions to both sides."""
        known = self._known.get(uid)
        if known is None or "e" in known:
            return
        if now - int(known["w"]) >= self._limits.longest_call * 1000:
            self._hang_up(known, End("gateway", 200, "O7", "longest_call", held=True), now)
            return
        for side in (CALLER, CALLEE):
            self._ask(uid, side, now, 0, self._heard(uid, side))
        self._at(now + self._limits.call_check * 1000, lambda at: self._check(uid, at))

    def _ask(self, uid: str, side: str, begun: int, number: int, before: Heard) -> None:
        """`before`: what had been heard of the side when the round began."""
        known = self._known.get(uid)
        if known is None or "e" in known:
            return
        self._tell(known, side, Leg.options, begun // 100 % 10_000_000)
        following = ASK_AT_MS[number + 1] if number + 1 < len(ASK_AT_MS) else SILENT_MS
        self._at(begun + following, lambda at: self._judge(uid, side, begun, number + 1, before, at))

    def _judge(self, uid: str, side: str, begun: int, number: int, before: Heard, now: int) -> None:
        """Whether the side has answered since. One that says that there is no such call has ended it; but the 200 may
        still be on its way to a caller, for as long as it is repeated (RFC 3261 §13.3.1.4).
        """
        known = self._known.get(uid)
        if known is None or "e" in known:
            return
        heard = self._heard(uid, side)
        if heard[1] > before[1] and now - int(known["w"]) > HELD_MS:
            self._hang_up(known, End("gateway", 200, "O7", f"{_who(side)}_lost_call", held=True), now)
        elif heard != before:
            return
        elif number < len(ASK_AT_MS):
            self._ask(uid, side, begun, number, before)
        else:
            self._hang_up(known, End("gateway", 200, "O7", f"{_who(side)}_silent", held=True), now)

    def _heard(self, uid: str, side: str) -> Heard:
        """Answers to OPTIONS so far, and how many of them said that there is no such call."""
        return self._counted(f"{uid}{side}O"), self._counted(f"{uid}{side}O!")

    def _counted(self, key: str) -> int:
        return int(self._table.sht_get(tables.ALIVE, key) or 0)

    def _hang_up(self, known: Known, end: End, now: int) -> None:
        """Journalled first; the line that comes back from the journal begins the BYEs."""
        self._book.ended(_key(known), str(known["id"]), end, now)

    def _say_bye(self, uid: str, side: str, begun: int, now: int, number: int = 0) -> None:
        known = self._known.get(uid)
        if known is None or self._counted(f"{uid}{side}B") or self._counted(f"{uid}{side}B!"):
            return
        while number < len(BYE_AT_MS) and begun + BYE_AT_MS[number] < now - 1000:
            number += 1  # sent before a restart
        if number >= len(BYE_AT_MS):
            return
        self._tell(known, side, Leg.bye)
        following = number + 1
        if following < len(BYE_AT_MS):
            self._at(begun + BYE_AT_MS[following], lambda at: self._say_bye(uid, side, begun, at, following))

    def _end_late(self, known: Known, fields: Known, now: int) -> None:
        """The core answered what had been given up: it is told that it is over. It repeats its 200 until it hears the
        ACK; the BYE is repeated here, and so is one to a caller whose call an administrator ended.
        """
        self._tell(known, CALLEE, Leg.ack)
        if fields["late"] != known["late"]:
            return
        for side in (CALLEE, CALLER) if known.get("by") == "administrator" else (CALLEE,):
            self._say_bye(str(known["id"]), side, now, now)

    def _rang_too_long(self, uid: str, now: int) -> None:
        """A call of before a restart whose final answer never came."""
        known = self._known.get(uid)
        if known is None or "e" in known or "w" in known:
            return
        self._cancel(known)
        self._book.ended(_key(known), uid, End("gateway", 408, "O3", "longest_ringing", held=True), now)

    def _cancel(self, known: Known) -> None:
        """By tm while it knows the INVITE, by hand after a restart."""
        call_id = str(known["ci"])
        if "\0" in call_id or self._cancel_transaction(call_id, str(known["cs"]), 0) < 0:
            self._tell(known, CALLEE, Leg.cancel)

    def _tell(self, known: Known, side: str, what: Callable[..., str | None], *arguments: object) -> None:
        leg = Leg(known, side, self._region.address, self._region.port)
        message = what(leg, *arguments)
        if message is not None:
            self._send(f"sip:{leg.place}", message.replace("\0", ""))  # no datagram can be sent with it

    def _at(self, moment: int, turn: Turn) -> None:
        self._count += 1
        heapq.heappush(self._due, (moment, self._count, turn))


def _key(known: Known) -> str:
    return call_key(str(known["ci"]), str(known["ft"]))


def _who(side: str) -> str:
    return "caller" if side == CALLER else "callee"
