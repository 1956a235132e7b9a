"""What both ends of a call have in common: times, dialogs, requests within them, and waiting for what happens."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.sip.dialogs import Dialog, Routing
from tests.sip.message import Headers, Message, answer
from tests.sip.scripts import REASONS, SILENCE
from tests.sip.transactions import Server
from tests.sip.waiting import until

if TYPE_CHECKING:
    from tests.sip.agent import UserAgent

PATIENCE = 10.0


class Exchange:
    """A request that is under way, as the test sees it."""

    def __init__(self, request: Message) -> None:
        self.request = request
        self.responses: list[Message] = []
        self.timed_out = False

    @property
    def final(self) -> Message | None:
        return self.responses[-1] if self.responses and self.responses[-1].status >= 200 else None

    def until_final(self, seconds: float = PATIENCE) -> Message:
        """The final response; AssertionError when there was none, at once where the transaction gave up."""
        until(lambda: self.final or self.timed_out, seconds, f"a final answer to {self.request.start}")
        assert self.final is not None, f"{self.request.start}: the transaction gave up"
        return self.final

    def take(self, response: Message) -> None:
        self.responses.append(response)

    def give_up(self) -> None:
        self.timed_out = True


class Call:
    """One call at one end. Times are epoch seconds; `ended_by` is `us`, `them`, or `nobody` where one end forgot it."""

    def __init__(self, agent: "UserAgent", routing: Routing = Routing.LOOSE) -> None:
        self.agent = agent
        self.routing = routing
        self.started = time.time()
        self.rang: float | None = None
        self.answered: float | None = None
        self.ended: float | None = None
        self.ended_by: str | None = None
        self.final: Message | None = None
        self.dialogs: list[Dialog] = []
        self.requests: list[Message] = []
        self.bye: Message | None = None
        self.bye_exchange: Exchange | None = None
        self._leaving = False
        self._reinvites: dict[int, Server] = {}

    # What tests ask

    @property
    def code(self) -> int | None:
        """Of the INVITE's final answer; None while there is none."""
        return None if self.final is None else self.final.status

    @property
    def dialog(self) -> Dialog:
        """The one that lives, or the first where none does."""
        return next((dialog for dialog in self.dialogs if not dialog.ended), self.dialogs[0])

    @property
    def bye_code(self) -> int | None:
        """How this end's BYE was answered, None where none was sent or no answer came."""
        final = None if self.bye_exchange is None else self.bye_exchange.final
        return None if final is None else final.status

    @property
    def in_progress(self) -> bool:
        return self.ended is None

    @property
    def talking(self) -> bool:
        return self.answered is not None and self.ended is None

    @property
    def over(self) -> bool:
        """It has ended, and this end waits for no answer to a BYE any more."""
        bye = self.bye_exchange
        return self.ended is not None and not self._leaving and (bye is None or bye.timed_out or bye.final is not None)

    def until_ringing(self, seconds: float = PATIENCE) -> None:
        until(lambda: self.rang or self.ended, seconds, f"{self!r} rings")
        assert self.rang, f"{self!r} never rang"

    def until_answered(self, seconds: float = PATIENCE) -> None:
        """AssertionError at once when the call was refused."""
        until(lambda: self.answered or self.ended, seconds, f"{self!r} is answered")
        assert self.answered, f"{self!r} was not answered"

    def until_ended(self, seconds: float = PATIENCE) -> None:
        until(lambda: self.ended, seconds, f"{self!r} ends")

    def hang_up(self) -> None:
        """Send a BYE along the route set; `until_gone` waits for its answer."""
        self.agent.do(self.leave)

    def until_gone(self, seconds: float = PATIENCE) -> None:
        """The call is over at both ends: a BYE of this end has its answer."""
        until(lambda: self.over, seconds, f"{self!r} is over")

    def request(self, method: str, headers: Headers = (), body: bytes = b"") -> Exchange:
        """A request within the dialog. A 2xx to a re-INVITE is acknowledged."""
        return self.agent.do(lambda: self._request(self.dialog, method, headers, body))

    # What the agent's thread does

    def _request(self, dialog: Dialog, method: str, headers: Headers = (), body: bytes = b"") -> Exchange:
        if method in ("INVITE", "UPDATE"):
            headers = (("Contact", self.agent.contact), *headers)
            if not body and method == "INVITE":
                body = self.agent.session()
        if body and not any(name == "Content-Type" for name, _ in headers):
            headers = (*headers, ("Content-Type", "application/sdp"))
        message, hop = dialog.request(method, self.agent.via, self.routing)
        message = Message(message.start, (*message.headers, *headers), body)
        exchange = Exchange(message)
        self.agent.begin(message, hop, self._taker(dialog, exchange), exchange.give_up)
        return exchange

    def _taker(self, dialog: Dialog, exchange: Exchange) -> Callable[[Message], None]:
        def take(response: Message) -> None:
            exchange.take(response)
            if exchange.request.method == "INVITE" and 200 <= response.status < 300:
                dialog.refresh(response)
                ack, hop = dialog.request("ACK", self.agent.via, self.routing, _number(exchange.request))
                self.agent.send(ack.bytes(), hop)

        return take

    def leave(self) -> None:
        """Hang up: a BYE in each dialog that is not over. It is counted no more before the BYE is on its way."""
        going = [dialog for dialog in self.dialogs if not dialog.ended]
        self._leaving = True
        self._end("us")
        for dialog in going:
            self._say_bye(dialog)
        self._leaving = False

    def drop(self) -> None:
        """The process that knew this call is gone: nobody says anything."""
        if self.ended is None:
            for dialog in self.dialogs:
                dialog.ended = True
            self._end("nobody")

    def _say_bye(self, dialog: Dialog) -> None:
        dialog.ended = True
        self.bye_exchange = self._request(dialog, "BYE")

    def _end(self, by: str) -> None:
        if self.ended is None:
            self.ended, self.ended_by = time.time(), by
            self.agent.call_ended(self)

    def _enrol(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog)
        self.agent.dialogs[dialog.key] = self

    def requested(self, server: Server, dialog: Dialog) -> None:
        """A request of the other end within a dialog (section 12.2.2)."""
        request = server.request
        self.requests.append(request)
        number = _number(request)
        if dialog.ended and request.method != "BYE":
            self._reply(server, 481)
        elif dialog.remote_cseq and number < dialog.remote_cseq:
            self._reply(server, 500)
        else:
            dialog.remote_cseq = number
            self._serve(server, dialog)

    def _serve(self, server: Server, dialog: Dialog) -> None:
        method = server.request.method
        code = self.agent.within.get(method, 200)
        if code == SILENCE:
            return
        if method in ("INVITE", "UPDATE"):
            dialog.refresh(server.request)
        if method == "INVITE":
            self._reinvites[_number(server.request)] = server
        if method == "BYE":
            self.bye = server.request
            dialog.ended = True
            self._left()
        self._reply(server, code, with_session=method == "INVITE" or bool(server.request.body))

    def _left(self) -> None:
        """The other end hung up a dialog; the call is over with the last of them."""
        if all(dialog.ended for dialog in self.dialogs):
            self._end("them")

    def _reply(self, server: Server, code: int, with_session: bool = False) -> None:
        response = answer(server.request, f"{code} {REASONS.get(code, 'Whatever')}")
        if with_session and code < 300:
            response = self.agent.with_session(response)
        server.respond(response)

    def acknowledged(self, ack: Message, dialog: Dialog) -> None:
        """An ACK of the 2xx to a re-INVITE."""
        del dialog
        server = self._reinvites.pop(_number(ack), None)
        if server is not None:
            server.acknowledged()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.code} at {self.agent.via}>"


def _number(message: Message) -> int:
    return int(message.one("CSeq").split()[0])
