"""Requests within a call, and CANCEL (RFC 3261 §12.2, §9; rules W4 and B4). `responses` has what comes back."""

from typing import Final

from kemi import tables
from kemi.admission import Admission
from kemi.callbook import CallBook
from kemi.calls import ENDED, Call, call_key
from kemi.ksr import Ksr
from kemi.leg import LAST_CSEQ
from kemi.lists import CoreList
from kemi.message import INVITE, Reader, Request
from kemi.relay import FAILED_BYE, Relay
from kemi.replies import Replies, Reply

ABSORBED: Final = 0
"""tm has dealt with it: a retransmission, or the ACK to a refusal."""


class Dialogs:
    """What belongs to calls that are known here."""

    def __init__(
        self,
        ksr: Ksr,
        reader: Reader,
        cores: CoreList,
        replies: Replies,
        admission: Admission,
        relay: Relay,
        book: CallBook,
    ) -> None:
        self.tagged = False
        self._tm = ksr.tm
        self._check = ksr.tm.t_check_trans
        self._call_id = ksr.kx.get_callid
        self._address = ksr.kx.get_srcip
        self._pv = ksr.pv.get
        self._get = ksr.htable.sht_get
        self._reader = reader
        self._cores = cores
        self._replies = replies
        self._admission = admission
        self._relay = relay
        self._book = book

    def passes(self, method: str, now: int) -> bool:
        """A request of a known call goes to the other side, whoever is blocked (rule B4). `tagged` tells afterwards
        whether it claims to belong to one (a To tag, RFC 3261 §12.2).
        """
        self.tagged = False
        if method == "CANCEL":
            return self._cancels(now)
        found = self._check()
        if found == ABSORBED:
            return True
        asked = self._pv("$tt")
        if asked is None:
            return False
        self.tagged = True
        call_id, sender, other = str(self._call_id()), str(self._pv("$ft")), str(asked)
        key, from_caller = call_key(call_id, sender), True
        call = self._book.find(key)
        if call is None:
            key, from_caller = call_key(call_id, other), False
            call = self._book.find(key)
        if call is None:
            return False
        if self._poses(call, from_caller, now) or (method == INVITE and call.phase == ENDED):
            self._admission.refuse(self._reader.read_source(method), "W4", "dialog", 481)
        elif self._admission.is_malformed() or self._is_last(method, now):
            self._admission.refuse(self._reader.read_source(method), "W2", "malformed", 400)
        elif not self._relay.counts_hop():
            self._admission.refuses_last_hop(self._reader.read_source(method))
        else:
            failed = None
            if method == "BYE":
                failed = FAILED_BYE
                self._book.left(key, other if from_caller else sender, "caller" if from_caller else "callee", now)
            self._pass_on(method, call, from_caller, failed)
        return True

    def _is_last(self, method: str, now: int) -> bool:
        """Whether a PBX leaves no number for the gateway's own BYE."""
        if method == "ACK" or int(str(self._pv("$cs"))) < LAST_CSEQ:
            return False
        return not self._cores.is_one_of_ours(self._address(), now)

    def _poses(self, call: Call, from_caller: bool, now: int) -> bool:
        """Whether somebody else speaks in the core's name. Where a PBX speaks from may change (NAT)."""
        if from_caller is call.outbound:
            return False
        source = self._address()
        place = call.caller if from_caller else call.callee
        return not place.startswith(f"{source}:") and not self._cores.is_core(source, now)

    def _pass_on(self, method: str, call: Call, from_caller: bool, failed: str | None) -> None:
        if from_caller is call.outbound:
            self._relay.clean()
        place = call.callee if from_caller else call.caller
        if method == "ACK":
            self._relay.acknowledge(place)
        elif not self._relay.within(place, failed):
            self._replies.send(Reply(500, ("Retry-After: 5",)))

    def bridges(self, request: Request) -> bool:
        """W4: a request within a call that is not known here goes through between a core and the address of a live
        binding. The call may be another region's, which is down.
        """
        if not request.tagged:
            return False
        source, now = request.address, request.now
        from_core = self._cores.is_core(source, now)
        if not from_core and not self._is_bound(source):
            return False
        target = self._relay.next_hop()
        if not (self._is_bound(target) if from_core else self._cores.is_core(target, now)):
            return False
        if not from_core:
            self._relay.clean()
        if not self._relay.through() and request.method != "ACK":
            self._replies.send(Reply(500, ("Retry-After: 5",)))
        return True

    def _is_bound(self, address: str) -> bool:
        return self._get(tables.BOUND, address) is not None

    def _cancels(self, now: int) -> bool:
        """RFC 3261 §16.10. One whose INVITE was under way when this gateway died is answered, and passed on by the
        timer process.
        """
        found = self._check()
        if found >= ABSORBED:
            if found > ABSORBED:
                self._tm.t_relay()
            return True
        call = self._book.find(call_key(str(self._call_id()), str(self._pv("$ft"))))
        if call is None or not call.unfinished:
            return False
        self._book.note(call.uid, f'"cx":{now}', now)
        self._replies.send(Reply(200))
        return True
