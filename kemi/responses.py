"""Responses (RFC 3261 §16.7): what they mean for a call is recorded before they go on (rules W4, W5, O3 and F2)."""

from typing import Final

from kemi import tables
from kemi.callbook import CallBook, End, exactly, readable, text
from kemi.calls import ANSWERED, ENDED, TRYING, Call, call_key
from kemi.keepalive import kept_alive
from kemi.ksr import Ksr
from kemi.lists import CoreList
from kemi.message import INVITE

ASKS_AGAIN: Final = (401, 407)
"""A BYE that was challenged comes again."""
CANCELED: Final = 487
ANSWERED_FOR: Final = (INVITE, "BYE")
"""What a PBX must not answer in the core's name."""
GONE: Final = (408, 481)
"""Answers that end a dialog (RFC 3261 §12.2.1.2)."""
NOBODY: Final = 999
"""Stands for no answer at all."""


class Responses:
    """Of calls that are known here, and of the gateway's own requests."""

    def __init__(self, ksr: Ksr, cores: CoreList, book: CallBook) -> None:
        self._timed_out = ksr.tm.t_branch_timeout
        self._check = ksr.tm.t_check_trans
        self._drop = ksr.set_drop
        self._remove = ksr.hdr.remove
        self._header = ksr.hdr.get
        self._increment = ksr.htable.sht_inc
        self._address = ksr.kx.get_srcip
        self._port = ksr.kx.get_srcport
        self._call_id = ksr.kx.get_callid
        self._status = ksr.kx.get_status
        self._method = ksr.kx.get_method
        self._pv = ksr.pv.get
        self._cores = cores
        self._book = book

    def answered(self, now: int) -> None:
        """Each response. One that belongs to nothing here goes nowhere, whatever its Via says (rule W4)."""
        status = self._status()
        if status == 100:
            if self._check() <= 0:
                self._drop()
            return
        call_id, method = self._call_id(), self._method()
        binding = None if call_id is None else kept_alive(call_id, method)
        if call_id is None:
            self._drop()
        elif binding is not None:
            self._increment(tables.ALIVE, binding)
            self._drop()
        else:
            self._heard(call_id, method, status, now)

    def _heard(self, call_id: str, method: str, status: int, now: int) -> None:
        source = self._address()
        from_core = self._cores.is_core(source, now)
        if self._check() > 0:
            passes = from_core or method not in ANSWERED_FOR or not self._poses(call_id, source)
            if passes:
                self._noted(call_id, method, status, source, now)
        else:
            passes = self._survives(call_id, method, status, source, now)
        if not passes:
            self._drop()
        elif from_core:
            self._hide()

    def _poses(self, call_id: str, source: str) -> bool:
        """Whether somebody else answers a call in the core's name: a PBX that guessed the branch of its own."""
        call = self._book.find(call_key(call_id, str(self._pv("$ft"))))
        return call is not None and call.outbound and not call.callee.startswith(f"{source}:")

    def _hide(self) -> None:
        """What a core's responses do not tell a PBX (rule W5)."""
        self._remove("Server")
        self._remove("User-Agent")
        self._remove("Warning")

    def _noted(self, call_id: str, method: str, status: int, source: str, now: int) -> None:
        """A response that tm passes on: what it means for the call is recorded before."""
        if method == INVITE:
            self._invite_answered(call_key(call_id, str(self._pv("$ft"))), status, source, now)
        elif method == "BYE" and status >= 200:
            self._bye_answered(call_id, status, now)

    def _invite_answered(self, key: str, status: int, source: str, now: int) -> None:
        """A response to the INVITE that began a call; to a later one of the caller it says nothing new."""
        if status >= 300:
            call = self._book.find(key)
            if call is not None and call.phase == ENDED and not call.tags:
                self._book.release(key, call.uid)
            return
        if status >= 200:
            call = self._book.answered(key, str(self._pv("$tt")), self._answer(), self._place(source), now)
        else:
            call = self._book.rang(key, f'"via":{text(self._header("Via"))}', self._place(source), now)
        if call is not None and call.phase == ENDED:
            self._too_late(call, status, now)

    def _too_late(self, call: Call, status: int, now: int) -> None:
        """The call was given up: a core that still works on it must let go of it. The timer process tells it."""
        if status < 200:
            self._book.note(call.uid, f'"cx":{now},"via":{text(self._header("Via"))}', now)
        else:
            self._book.note(call.uid, f'"late":{now},"tt":{exactly(self._pv("$tt"))},{self._answer()}', now)

    def _survives(self, call_id: str, method: str, status: int, source: str, now: int) -> bool:
        """A response without a transaction: to the gateway's own requests, or of a call from before a restart."""
        key, asked_callee = call_key(call_id, str(self._pv("$ft"))), True
        call = self._book.find(key)
        if call is None:
            key, asked_callee = call_key(call_id, str(self._pv("$tt"))), False
            call = self._book.find(key)
        if call is None or not self._is_from(call, asked_callee, source, now):
            return False
        if call.uid in str(self._header("Via")):
            self._own_answered(key, call, asked_callee, method, status)
            return False
        if method == INVITE and asked_callee:
            return self._orphan_answered(key, call, status, source, now)
        if method == "BYE" and status >= 200:
            self._bye_answered(call_id, status, now)
        return status > 100

    def _is_from(self, call: Call, asked_callee: bool, source: str, now: int) -> bool:
        """Whether the response at hand comes from the side that was asked; before anybody rang that may be another
        core than the first (rule O6).
        """
        if self._place(source) == (call.callee if asked_callee else call.caller):
            return True
        another = asked_callee and call.outbound and call.phase == TRYING
        return another and self._cores.is_core(source, now)

    def _own_answered(self, key: str, call: Call, asked_callee: bool, method: str, status: int) -> None:
        """To an OPTIONS or a BYE of the timer process, which looks at these counters."""
        if status < 200:
            return
        mark = "!" if status in GONE else ""
        self._increment(tables.ALIVE, f"{call.uid}{'b' if asked_callee else 'a'}{method[0]}{mark}")
        gone = status < 300 or status in GONE
        if method == "BYE" and gone and asked_callee is call.outbound:  # the core has no such call any more
            self._book.release(key, call.uid)

    def _orphan_answered(self, key: str, call: Call, status: int, source: str, now: int) -> bool:
        """Whether a response to an INVITE of before the restart goes to the caller."""
        if status <= 100:
            return False
        if call.phase == ENDED:
            if status >= 300:
                self._acknowledge(call, source, now)
            self._invite_answered(key, status, source, now)
            return status >= 300
        if status >= 300:
            self._acknowledge(call, source, now)
            if call.phase == ANSWERED:
                return False
            self._book.ended(key, call.uid, End("caller" if status == CANCELED else "callee", status), now)
            return True
        self._invite_answered(key, status, source, now)
        return True

    def _acknowledge(self, call: Call, source: str, now: int) -> None:
        self._book.note(
            call.uid,
            f'"ack":{now},"b":"{self._place(source)}","via":{text(self._header("Via"))},"at":{text(str(self._pv("$tt")))}',
            now,
        )

    def _answer(self) -> str:
        """What is needed to speak to the callee within the dialog."""
        routes = self._pv("$(hdr(Record-Route)[*])")
        return f'"cc":{text(readable(self._header, "Contact"))},"rr":{text(str(routes or ""))}'

    def _place(self, source: str) -> str:
        return f"{source}:{self._port()}"

    def bye_failed(self, now: int) -> None:
        """Nobody answered a BYE: the other side is gone, and the slot comes back."""
        if self._timed_out() > 0:
            self._bye_answered(str(self._call_id()), NOBODY, now)

    def _bye_answered(self, call_id: str, status: int, now: int) -> None:
        """The call that the BYE at hand belongs to is over, and its slot comes back. A core that refuses the BYE still
        has the call (a PBX may have sent one that it must refuse): the timer process says it in the gateway's name.
        """
        for own, others, by in (("$ft", "$tt", "caller"), ("$tt", "$ft", "callee")):
            key = call_key(call_id, str(self._pv(own)))
            if status >= 300 and status not in GONE and self._still_there(key, by, now):
                return
            if status in ASKS_AGAIN:
                continue
            if self._book.over(key, str(self._pv(others)), by, now):
                return

    def _still_there(self, key: str, by: str, now: int) -> bool:
        """Whether the BYE that was refused went to the core."""
        call = self._book.find(key)
        if call is None or call.phase != ENDED or (by == "caller") is not call.outbound:
            return False
        self._book.note(call.uid, f'"rb":{now}', now)
        return True
