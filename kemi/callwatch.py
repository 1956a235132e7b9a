"""Calls in progress, watched by the timer process: is either side gone, has one lasted too long, is a slot due back
(rules O3 and O7), and what must the gateway itself say within it.
"""

from typing import Final

from kemi import tables
from kemi.agenda import Agenda
from kemi.callbook import CallBook, End
from kemi.calls import ANSWERED, ENDED, HELD_MS, UNCOUNTED
from kemi.canary import CANARY_CALL, is_canary
from kemi.channels import slots_key
from kemi.ksr import Ksr
from kemi.leg import CALLEE, CALLER
from kemi.region import Limits, Region
from kemi.speech import Speech
from kemi.watched import Known, Watched, head, inside, number

MARGIN_MS: Final = 10_000
"""After the longest ringing time, for tm to end the call itself."""
BY_GATEWAY: Final = ("gateway", "administrator")
"""Who ends a call in words of the gateway's own."""


class CallWatch:
    """Fed with journal lines of calls. `turn` is called ten times a second."""

    def __init__(self, ksr: Ksr, region: Region, book: CallBook) -> None:
        self._table = ksr.htable
        self._limits: Limits = region.limits
        self._book = book
        self._calls: dict[str, Watched] = {}
        self._agenda = Agenda()
        self._speech = Speech(ksr, region, self._hang_up)
        self._counters: set[str] = set()

    def __len__(self) -> int:
        """Calls in progress, without a canary's."""
        return sum(not uid.startswith(CANARY_CALL) for uid in self._calls)

    def hear(self, text: str, now: int) -> bool:
        """A journal line, when it says what most calls do; false when it must be read (`line`)."""
        uid, what = head(text)
        call = self._calls.get(uid)
        if what == "s" and call is None:
            return self._begins(uid, text)
        if call is None or not call.begun or call.ended:
            return False
        if what == "r" and not call.canceled:
            call.add(text)
            return True
        if what == "w" and not call.answered:
            call.add(text)
            call.answered = True
            self._agenda.put(call, self._first_check(uid, now))
            return True
        return what == "e" and self._ends(call, text, now)

    def line(self, fields: Known, now: int) -> None:
        """What a journal line says of a call."""
        uid = str(fields["id"])
        if "s" in fields and "e" in fields:
            return  # refused: there was no call
        call = self._calls.get(uid)
        if call is None:
            self._calls[uid] = call = Watched(uid)
            self._agenda.put(call, now + HELD_MS)  # for a word about a call that was over
        call.tell(fields)
        if "s" in fields:
            self._act(call, call.known(), now)  # also what came before, from another process's file
        elif call.begun:
            self._act(call, fields, now)

    def restore(self, known: Known, now: int) -> None:
        """A call of before a start."""
        uid = str(known["id"])
        self._calls[uid] = call = Watched(uid)
        call.tell(known)
        self._act(call, known, now)

    def channels(self) -> int:
        """Slots that are taken, as the counters say, of all who made calls since they had none."""
        everybody = [slots for slots in self._counters if not is_canary(slots)]
        counts = {slots: int(self._table.sht_get(tables.CHANNELS, slots) or 0) for slots in everybody}
        self._counters = {slots for slots, count in counts.items() if count}
        return sum(counts.values())

    def end(self, uid: str, now: int) -> None:
        """An administrator ends a call (DELETE /v1/calls)."""
        call = self._calls.get(uid)
        if call is None or call.ended:
            return
        if call.answered:
            self._hang_up(call, End("administrator", 200, None, "ended", held=True), now)
        else:
            self._hang_up(call, End("administrator", 487, None, "ended", held=True), now)
            self._speech.cancel(call, now)

    def end_all(self, username: str, before: int, now: int) -> None:
        """An administrator ends the calls of a credential that began before that moment (rule C5)."""
        for call in list(self._calls.values()):
            known = call.known()
            if call.begun and known["u"] == username and int(known["s"]) < before:
                self.end(call.uid, now)

    def turn(self, now: int) -> None:
        """Does what is due."""
        while (call := self._agenda.pop(now)) is not None:
            if not call.begun:
                del self._calls[call.uid]
            elif call.ended:
                self._release(call)
            elif call.answered:
                self._check(call, now)
            else:
                self._rang_too_long(call, now)
        self._speech.turn(now)

    def _begins(self, uid: str, text: str) -> bool:
        if number(text, "e") is not None:
            return True  # refused: there was no call
        started, counted, username = number(text, "s"), number(text, "k"), inside(text, "u")
        if started is None or counted is None or (counted != UNCOUNTED and not username):
            return False
        if counted != UNCOUNTED:
            self._counters.add(slots_key(username, counted))
        self._calls[uid] = call = Watched(uid)
        call.begun = True
        call.add(text)
        self._agenda.put(call, self._longest_ringing(started))
        return True

    def _ends(self, call: Watched, text: str, now: int) -> bool:
        free = number(text, "fr")
        if free is None or (call.answered and inside(text, "by") in BY_GATEWAY):
            return False
        call.add(text)
        call.ended = True
        self._agenda.put(call, max(free, now))
        return True

    def _first_check(self, uid: str, now: int) -> int:
        first = self._limits.call_check * 1000
        return now + first // 2 + hash(uid) % (first // 2)

    def _longest_ringing(self, started: int) -> int:
        return started + self._limits.ringing * 1000 + MARGIN_MS

    def _act(self, call: Watched, fields: Known, now: int) -> None:
        known = call.known()
        if "s" in fields and fields["k"]:
            self._counters.add(slots_key(str(fields["u"]), int(fields["k"])))
        if "cx" in fields or ("r" in fields and "cx" in known):
            self._speech.cancel(call, now)
        if "ack" in fields:
            self._speech.acknowledge_refusal(known, str(fields.get("at") or ""))
        if "late" in fields:
            self._end_late(call, fields, now)
        if "rb" in fields and fields["rb"] == known["rb"]:
            self._speech.bye(call, CALLEE if known["d"] == "out" else CALLER, now, now)
        if "e" in fields:
            self._ended(call, now)
        elif call.ended:
            return
        elif "w" in fields:
            self._agenda.put(call, self._first_check(call.uid, now))
        elif "s" in fields:
            self._agenda.put(call, self._longest_ringing(int(known["s"])))

    def _ended(self, call: Watched, now: int) -> None:
        known = call.known()
        free = int(known.get("fr") or 0)
        if call.answered and known["by"] in BY_GATEWAY and free > now:
            for side in (CALLER, CALLEE):
                self._speech.bye(call, side, free - HELD_MS, now)
        self._agenda.put(call, max(free, now))

    def _release(self, call: Watched) -> None:
        del self._calls[call.uid]
        call.released = True
        self._book.release(call.key(), call.uid)

    def _end_late(self, call: Watched, fields: Known, now: int) -> None:
        """The core answered what had been given up: it is told that it is over. It repeats its 200 until it hears the
        ACK; the BYE is repeated here, and so is one to a caller whose call an administrator ended.
        """
        known = call.known()
        self._speech.acknowledge(known)
        if fields["late"] != known["late"]:
            return
        for side in (CALLEE, CALLER) if known.get("by") == "administrator" else (CALLEE,):
            self._speech.bye(call, side, now, now)

    def _check(self, call: Watched, now: int) -> None:
        if now - int(call.known()["w"]) >= self._limits.longest_call * 1000:
            self._hang_up(call, End("gateway", 200, "O7", "longest_call", held=True), now)
            return
        self._speech.ask(call, now)
        self._agenda.put(call, now + self._limits.call_check * 1000)

    def _rang_too_long(self, call: Watched, now: int) -> None:
        """A call of before a restart whose final answer never came; or one whose answer could not be written."""
        found = self._book.find(call.key())
        answered = found is not None and found.uid == call.uid and found.phase == ANSWERED
        if answered and now - int(call.known()["s"]) < self._limits.longest_call * 1000:
            self._agenda.put(call, now + self._limits.call_check * 1000)
            return
        self._speech.cancel(call, now)
        self._hang_up(call, End("gateway", 408, "O3", "longest_ringing", held=True), now)

    def _hang_up(self, call: Watched, end: End, now: int) -> None:
        """Journalled first; the line that comes back from the journal begins the BYEs. A call that ended when nothing
        could be written (a full disk) has left the table already, or is held there: its end is written now.
        """
        key = call.key()
        if self._book.ended(key, call.uid, end, now):
            return
        found = self._book.find(key)
        if found is None or found.uid != call.uid or found.phase == ENDED:
            self._book.note(call.uid, end.fields(now), now)
            call.ended = True
