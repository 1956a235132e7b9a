"""A call that comes in, answered by a script (RFC 3261 section 13.3)."""

import time
from functools import partial
from typing import TYPE_CHECKING

from tests.sip.call import Call
from tests.sip.dialogs import Dialog, request_uri, user
from tests.sip.endpoint import Timer
from tests.sip.message import Message, answer, token
from tests.sip.scripts import Script, Step
from tests.sip.transactions import Repeater, Server

if TYPE_CHECKING:
    from tests.sip.agent import UserAgent


class IncomingCall(Call):
    """The callee's side. `invite` is what arrived."""

    def __init__(self, agent: "UserAgent", server: Server, script: Script) -> None:
        super().__init__(agent)
        self.invite = server.request
        self.script = script
        self.cancelled = False
        self.acked: float | None = None
        self.unacknowledged = False
        self._server = server
        self._forks: dict[int, Dialog] = {}
        self._steps: list[Timer] = []
        self._reliable: dict[str, Repeater] = {}
        self._wants_to_leave = False
        server.unacknowledged = self._never_acknowledged

    @property
    def dialled(self) -> str:
        """The user part of the Request-URI."""
        return user(request_uri(self.invite))

    @property
    def caller(self) -> str:
        """The user part of From."""
        return user(self.invite.one("From"))

    def begin(self) -> None:
        if self.script.trying:
            self._server.respond(_trying(self.invite))
        for step in self.script.steps:
            if step.after <= 0:
                self._take(step)
            else:
                self._steps.append(self.agent.later(step.after, partial(self._take, step)))

    def play(self, step: Step) -> None:
        """Answer by hand, in place of or after the script; `step.after` does not matter."""
        self.agent.do(lambda: self._take(step))

    def _take(self, step: Step) -> None:
        if self.ended is not None or (self.final is not None and step.code not in range(200, 300)):
            return
        response = self._response(step)
        self._note(response)
        if step.reliable and step.code < 200 and self._caller_supports_reliable():
            self._send_reliably(response)
        else:
            self._server.respond(response)

    def _response(self, step: Step) -> Message:
        response = answer(self.invite.having("To", self._dialog(step.fork).local), step.status)
        response = Message(response.start, (*response.headers, *step.headers), response.body)
        if step.session:
            return self.agent.with_session(response)
        return response if step.code >= 300 else response.having("Contact", self.agent.contact)

    def _dialog(self, fork: int) -> Dialog:
        if fork not in self._forks:
            dialog = Dialog.of_callee(self.invite, f"{self.invite.one('To')};tag={token()}")
            self._forks[fork] = dialog
            self._enrol(dialog)
        return self._forks[fork]

    def _note(self, response: Message) -> None:
        """Before it leaves: whoever hears of the end must not find the call still counted."""
        status = response.status
        if 180 <= status < 190:
            self.rang = self.rang or time.time()
        elif status >= 200:
            self._stop_provisionals()
            self.final = self.final or response
            if status < 300:
                self.answered = self.answered or time.time()
            else:
                self._finish("them" if self.cancelled else "us")

    def _finish(self, by: str) -> None:
        for timer in self._steps:
            timer.cancel()
        for dialog in self.dialogs:
            dialog.ended = True
        self._end(by)

    # Reliable provisional answers (RFC 3262)

    def _caller_supports_reliable(self) -> bool:
        return any("100rel" in value for name in ("Supported", "Require") for value in self.invite.all(name))

    def _send_reliably(self, response: Message) -> None:
        number = str(len(self._reliable) + 1)
        response = response.having("Require", "100rel").having("RSeq", number)
        self._reliable[number] = Repeater(
            self.agent, lambda: self._server.respond(response), lambda: self._take(Step(0, 500)), None
        )

    def _stop_provisionals(self) -> None:
        for repeater in self._reliable.values():
            repeater.stop()

    def _serve(self, server: Server, dialog: Dialog) -> None:
        if server.request.method == "PRACK":
            repeater = self._reliable.get(server.request.one("RAck").split()[0])
            if repeater is not None:
                repeater.stop()
        super()._serve(server, dialog)

    # How it ends

    def cancel(self) -> None:
        """The caller's CANCEL; its own 200 is the agent's matter."""
        if self.final is None and self.script.heeds_cancel:
            self.cancelled = True
            self._take(Step(0, 487))

    def acknowledged(self, ack: Message, dialog: Dialog) -> None:
        super().acknowledged(ack, dialog)
        if ack.one("CSeq").split()[0] != self.invite.one("CSeq").split()[0]:
            return
        self._server.acknowledged(dialog.local)
        if self.acked is not None:
            return
        self.acked = time.time()
        if self._wants_to_leave:
            self.leave()
        elif self.script.hold is not None:
            self.agent.later(max(0.0, self.script.hold), self._hold_over)

    def _hold_over(self) -> None:
        if self.ended is None:
            self.leave()

    def leave(self) -> None:
        """No BYE before the ACK (section 15); before the answer this is a refusal."""
        if self.answered is None:
            self._take(Step(0, 603))
        elif self.acked is None and not self.unacknowledged:
            self._wants_to_leave = True
        else:
            super().leave()

    def _left(self) -> None:
        if self.final is None:  # a BYE in an early dialog (section 15.1.2)
            self.cancelled = True
            self._take(Step(0, 487))
        elif all(one.ended for one in self.dialogs):
            self._finish("them")

    def _never_acknowledged(self, response: Message) -> None:
        """Section 13.3.1.4: the answer was repeated for 64 T1, so the call is hung up."""
        if response.status >= 300:
            return
        self.unacknowledged = True
        for dialog in self.dialogs:
            if dialog.local == response.one("To") and not dialog.ended:
                self._say_bye(dialog)
        if all(dialog.ended for dialog in self.dialogs):
            self._end("us")


def _trying(invite: Message) -> Message:
    """100 has no To tag (section 8.2.6.1)."""
    kept = ("via", "from", "to", "call-id", "cseq")
    return Message("SIP/2.0 100 Trying", tuple(pair for pair in invite.headers if pair[0].lower() in kept))
