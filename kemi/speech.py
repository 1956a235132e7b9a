"""What the gateway itself says within calls, repeated until it is heard (rules O3 and O7)."""

import heapq
from collections.abc import Callable
from typing import Final

from kemi import tables
from kemi.callbook import End
from kemi.calls import HELD_MS
from kemi.ksr import Ksr
from kemi.leg import CALLEE, CALLER, Leg
from kemi.region import Region
from kemi.watched import Known, Watched

ASK_AT_MS: Final = (0, 500, 1000, 2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000, 18000, 20000, 22000)
"""When an OPTIONS is sent until it is answered; with a third of all packets lost, all of them are in one of 10,000."""
SILENT_MS: Final = 24_000
"""Without an answer for so long, a side is gone."""
BYE_AT_MS: Final = (0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500)
"""Timer E (RFC 3261 §17.1.2.2)."""

Turn = Callable[[int], None]
Heard = tuple[int, int]
HangUp = Callable[[Watched, End, int], None]


class Speech:
    """`hang_up` is told of a call of which a side is gone. `turn` is called ten times a second."""

    def __init__(self, ksr: Ksr, region: Region, hang_up: HangUp) -> None:
        self._get = ksr.htable.sht_get
        self._send = ksr.corex.send_data
        self._cancel_transaction = ksr.tmx.t_cancel_callid
        self._address, self._port = region.address, region.port
        self._hang_up = hang_up
        self._due: list[tuple[int, int, Turn]] = []
        self._count = 0

    def __len__(self) -> int:
        """What is yet to be repeated or judged."""
        return len(self._due)

    def turn(self, now: int) -> None:
        """Does what is due."""
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2](now)

    def ask(self, call: Watched, now: int) -> None:
        """A round of questions to both sides."""
        for side in (CALLER, CALLEE):
            self._ask(call, side, now, 0, self._heard(call.uid, side))

    def bye(self, call: Watched, side: str, begun: int, now: int, number: int = 0) -> None:
        """A BYE that began at `begun`, until it is answered or the slot has come back."""
        if call.released or self._counted(f"{call.uid}{side}B") or self._counted(f"{call.uid}{side}B!"):
            return
        while number < len(BYE_AT_MS) and begun + BYE_AT_MS[number] < now - 1000:
            number += 1  # sent before a restart
        if number >= len(BYE_AT_MS):
            return
        self._tell(call.known(), side, Leg.bye)
        following = number + 1
        if following < len(BYE_AT_MS):
            self._at(begun + BYE_AT_MS[following], lambda at: self.bye(call, side, begun, at, following))

    def cancel(self, call: Watched, begun: int, number: int = 0) -> None:
        """By tm while it knows the INVITE; by hand after a restart, until the final answer comes."""
        known = call.known()
        call_id = str(known["ci"])
        if call.released or call.answered or "ack" in known:
            return
        if "\0" not in call_id and self._cancel_transaction(call_id, str(known["cs"]), 0) >= 0:
            return
        self._tell(known, CALLEE, Leg.cancel)
        following = number + 1
        if following < len(BYE_AT_MS):
            self._at(begun + BYE_AT_MS[following], lambda _: self.cancel(call, begun, following))

    def acknowledge(self, known: Known) -> None:
        """A 200 that came when the call had been given up."""
        self._tell(known, CALLEE, Leg.ack)

    def acknowledge_refusal(self, known: Known, tag: str) -> None:
        """Of an INVITE of before a restart."""
        self._tell(known, CALLEE, Leg.ack_refusal, tag)

    def _ask(self, call: Watched, side: str, begun: int, number: int, before: Heard) -> None:
        """`before`: what had been heard of the side when the round began."""
        if call.ended:
            return
        self._tell(call.known(), side, Leg.options, begun // 100 % 10_000_000)
        following = ASK_AT_MS[number + 1] if number + 1 < len(ASK_AT_MS) else SILENT_MS
        self._at(begun + following, lambda at: self._judge(call, side, begun, number + 1, before, at))

    def _judge(self, call: Watched, side: str, begun: int, number: int, before: Heard, now: int) -> None:
        """Whether the side has answered since. One that says that there is no such call has ended it; but the 200 may
        still be on its way to a caller, for as long as it is repeated (RFC 3261 §13.3.1.4).
        """
        if call.ended:
            return
        heard = self._heard(call.uid, side)
        if heard[1] > before[1] and now - int(call.known()["w"]) > HELD_MS:
            self._hang_up(call, End("gateway", 200, "O7", f"{_who(side)}_lost_call", held=True), now)
        elif heard != before:
            return
        elif number < len(ASK_AT_MS):
            self._ask(call, side, begun, number, before)
        else:
            self._hang_up(call, End("gateway", 200, "O7", f"{_who(side)}_silent", held=True), now)

    def _heard(self, uid: str, side: str) -> Heard:
        """Answers to OPTIONS so far, and how many of them said that there is no such call."""
        return self._counted(f"{uid}{side}O"), self._counted(f"{uid}{side}O!")

    def _counted(self, key: str) -> int:
        return int(self._get(tables.ALIVE, key) or 0)

    def _tell(self, known: Known, side: str, what: Callable[..., str | None], *arguments: object) -> None:
        leg = Leg(known, side, self._address, self._port)
        message = what(leg, *arguments)
        if message is not None:
            self._send(f"sip:{leg.place}", message.replace("\0", ""))  # no datagram can be sent with it

    def _at(self, moment: int, turn: Turn) -> None:
        self._count += 1
        heapq.heappush(self._due, (moment, self._count, turn))


def _who(side: str) -> str:
    return "caller" if side == CALLER else "callee"
