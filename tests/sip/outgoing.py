"""A call that is made: INVITE, challenge, ringing, answer, ACK (RFC 3261 section 13.2)."""

import time
from typing import TYPE_CHECKING

from tests.sip.call import Call, Exchange
from tests.sip.dial import Dial
from tests.sip.dialogs import Dialog, tag
from tests.sip.digest import Login
from tests.sip.endpoint import Address
from tests.sip.message import Message, token
from tests.sip.transactions import Client, hop_by_hop

if TYPE_CHECKING:
    from tests.sip.agent import UserAgent

CHALLENGES = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


class OutgoingCall(Call):
    """The caller's side. `refusals`: all that were final but no challenges, also those that led to another target."""

    def __init__(self, agent: "UserAgent", dial: Dial) -> None:
        super().__init__(agent, dial.routing)
        self.dial = dial
        self.call_id = dial.call_id
        self.responses: list[Message] = []
        self.refusals: list[Message] = []
        self.timed_out = False
        self.cancelled = False
        self.post_dial_delay: float | None = None
        self.setup_time: float | None = None
        self._began = time.monotonic()
        self._cseq = dial.cseq
        self._remaining = list(dial.targets)
        self._to = self._remaining.pop(0)
        self._challenges = 0
        self._provisional = False
        self._acks: dict[str, tuple[bytes, Address]] = {}
        self._pracked: set[str] = set()
        self.invite = dial.invite(agent, self._cseq)
        self._client: Client | None = None

    @property
    def retry_after(self) -> int | None:
        return None if self.final is None else self.final.retry_after

    @property
    def target(self) -> Address:
        """Where the newest INVITE went."""
        return self._to

    def cancel(self) -> None:
        """CANCEL, once a provisional response is here (section 9.1). An answer that crosses it is hung up."""
        self.agent.do(self._cancel)

    def cancel_anyway(self) -> Exchange:
        """CANCEL now, whatever has come or not: also after the answer, as late ones arrive."""
        return self.agent.do(self._send_cancel)

    # The INVITE

    def begin(self) -> None:
        self._invite(self.invite)
        if self.dial.patience is not None:
            self.agent.later(self.dial.patience, self._lose_patience)

    def _invite(self, invite: Message) -> None:
        self.invite, self._provisional = invite, False
        self._client = Client(self.agent, invite, self._to, self._received, self._expired, self.dial.copies)

    def _lose_patience(self) -> None:
        if self.final is None and self.ended is None:
            self._cancel()

    def _received(self, response: Message) -> None:
        self.responses.append(response)
        status = response.status
        if status < 200:
            self._progresses(response)
        elif status < 300:
            self._accepted(response)
        elif status in CHALLENGES and self.dial.login is not None and self._challenges < 3 and not self.cancelled:
            self._prove(response, self.dial.login)
        else:
            self._refused(response)

    def _prove(self, challenge: Message, login: Login) -> None:
        self._challenges += 1
        asks, answers = CHALLENGES[challenge.status]
        if self._challenges > 1 and "stale=true" not in challenge.one(asks).lower():
            self._refused(challenge)
            return
        self._cseq += 1
        proof = login.authorization(challenge.one(asks), "INVITE", self.dial.target, 1, token(4))
        self._invite(self.dial.invite(self.agent, self._cseq, (answers, proof)))

    def _refused(self, response: Message) -> None:
        self.refusals.append(response)
        if response.status == 503 and self._remaining and not self.cancelled:
            self._next_target()
            return
        self.final = response
        self._over("us" if self.cancelled else "them")

    def _next_target(self) -> None:
        """The other server knows nothing of a proof: the INVITE starts anew, as the next in the same dialog-to-be."""
        self._to = self._remaining.pop(0)
        self._challenges = 0
        self._cseq += 1
        self._invite(self.dial.invite(self.agent, self._cseq))

    def _expired(self) -> None:
        if self._remaining and not self.cancelled:
            self._next_target()
        else:
            self.timed_out = True
            self._over("us")

    def _over(self, by: str) -> None:
        for dialog in self.dialogs:
            dialog.ended = True
        self._end(by)

    # Answers

    def _progresses(self, response: Message) -> None:
        if not self._provisional:
            self._provisional = True
            if self.cancelled:
                self._send_cancel()
        if response.status == 100:
            return
        self._measure()
        self.rang = self.rang or time.time()
        if tag(response.one("To")):
            dialog = self._dialog(response)
            if "100rel" in (response.get("Require") or ""):
                self._prack(dialog, response)

    def _measure(self) -> None:
        if self.post_dial_delay is None:
            self.post_dial_delay = time.monotonic() - self._began

    def _dialog(self, response: Message) -> Dialog:
        for dialog in self.dialogs:
            if dialog.remote == response.one("To"):
                return dialog
        dialog = Dialog.of_caller(self.invite, response)
        self._enrol(dialog)
        return dialog

    def _prack(self, dialog: Dialog, response: Message) -> None:
        """RFC 3262 section 4."""
        number = response.one("RSeq")
        if number not in self._pracked:
            self._pracked.add(number)
            self._request(dialog, "PRACK", (("RAck", f"{number} {response.one('CSeq')}"),))

    def _accepted(self, response: Message) -> None:
        to = response.one("To")
        if to not in self._acks:
            self._acks[to] = self._ack(response)
            self._acknowledge(to)
            self._judge(response)
        else:
            self._acknowledge(to)

    def _acknowledge(self, to: str) -> None:
        if self.dial.acknowledges:
            self.agent.send(*self._acks[to])

    def _ack(self, response: Message) -> tuple[bytes, Address]:
        """Section 13.2.2.4: along the route set, with the proof of the INVITE."""
        dialog = self._dialog(response)
        dialog.confirm(response)
        ack, hop = dialog.request("ACK", self.agent.via, self.routing, self._cseq)
        proofs = tuple(pair for pair in self.invite.headers if pair[0].lower().endswith("authorization"))
        return Message(ack.start, (*ack.headers, *proofs)).bytes(), hop

    def _judge(self, response: Message) -> None:
        """The first answer is the call, unless nobody wants it any more; every other fork is hung up."""
        self._measure()
        if self.final is not None:
            self._say_bye(self._dialog(response))
            return
        self.final = response
        for dialog in self.dialogs:
            dialog.ended = dialog.remote != response.one("To")
        self.answered = time.time()
        self.setup_time = time.monotonic() - self._began
        if self.cancelled:
            self.leave()
        elif self.dial.hold is not None:
            self.agent.later(self.dial.hold, self._hold_over)

    def _hold_over(self) -> None:
        if self.ended is None:
            self.leave()

    # Giving up

    def _cancel(self) -> None:
        if self.final is None and self.ended is None and not self.cancelled:
            self.cancelled = True
            if self._provisional:
                self._send_cancel()

    def _send_cancel(self) -> Exchange:
        self.cancelled = self.cancelled or self.final is None
        message = hop_by_hop(self.invite, "CANCEL")
        exchange = Exchange(message)
        self.agent.begin(message, self._to, exchange.take, exchange.give_up)
        if self.final is None and self._client is not None:
            self.agent.later(self.agent.timers.lifetime, self._client.abandon)
        return exchange

    def leave(self) -> None:
        """Hang up; before the answer that is a CANCEL (section 15)."""
        if self.answered is None:
            self._cancel()
        else:
            super().leave()
