"""A SIP user agent: one socket, any number of calls in both directions (RFC 3261 sections 8, 12 and 13)."""

import socket
from collections.abc import Callable, Iterable, Sequence

from tests.sip.call import Call, Exchange
from tests.sip.dial import Dial
from tests.sip.dialogs import Dialog, DialogKey, tag
from tests.sip.endpoint import Address, Endpoint, Timers
from tests.sip.incoming import IncomingCall
from tests.sip.message import Headers, Message, answer, parse
from tests.sip.outgoing import OutgoingCall
from tests.sip.phone import branch
from tests.sip.scripts import REASONS, SILENCE, Chooser, Script, answers
from tests.sip.tally import Tally
from tests.sip.transactions import Client, Key, Server

METHODS = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY, MESSAGE"


class UserAgent(Endpoint):
    """Answers calls by `script` (one, or a function of the INVITE) and makes them.

    `within` and `outside` say by method how requests in and out of dialogs are answered where that is not 200; SILENCE
    is none at all. `heard` is shown the first few hundred datagrams. `tally` counts the calls that come in.
    """

    def __init__(
        self,
        address: Address,
        *,
        script: Script | Chooser | None = None,
        tally: Tally | None = None,
        user_agent: str | None = None,
        heard: Callable[[bytes], None] | None = None,
        timers: Timers | None = None,
        loss: float = 0.0,
        seed: int = 0,
        opener: Callable[[Address], socket.socket] | None = None,
    ) -> None:
        self.script: Script | Chooser = script or answers()
        self.tally = tally or Tally()
        self.user_agent = user_agent
        self.within: dict[str, int] = {"REFER": 202}
        self.outside: dict[str, int] = {}
        self.clients: dict[Key, Client] = {}
        self.servers: dict[Key, Server] = {}
        self.dialogs: dict[DialogKey, Call] = {}
        self.calls: list[IncomingCall] = []
        self.placed: list[OutgoingCall] = []
        self.requests: list[Message] = []
        self.name = "pbx"
        self._heard, self._shown = heard, 0
        self._inviting: dict[tuple[str, str], IncomingCall] = {}
        super().__init__(address, timers=timers, loss=loss, seed=seed, opener=opener)

    # What messages of this agent say about it

    @property
    def via(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def contact(self) -> str:
        return f"<sip:{self.name}@{self.via}>"

    def session(self) -> bytes:
        """An offer, or the answer to one, that promises G.711 from this address."""
        lines = ["v=0", f"o=- 1 1 IN IP4 {self.address}", "s=-", f"c=IN IP4 {self.address}", "t=0 0"]
        return ("\r\n".join([*lines, "m=audio 4000 RTP/AVP 0", "a=sendrecv"]) + "\r\n").encode()

    def with_session(self, message: Message) -> Message:
        headers: Headers = (("Contact", self.contact), ("Content-Type", "application/sdp"))
        return Message(message.start, (*message.headers, *headers), self.session())

    # Making calls and requests

    def place(self, dial: Dial) -> OutgoingCall:
        """Send the INVITE; the call is under way when this returns."""
        return self.do(lambda: self._place(dial))

    def _place(self, dial: Dial) -> OutgoingCall:
        call = OutgoingCall(self, dial)
        self.placed.append(call)
        call.begin()
        return call

    def leave_all(self, calls: Iterable[Call]) -> None:
        """Hang up, cancel or refuse each of these, at this instant."""
        self.do(lambda: self._leave_all(list(calls)))

    def _leave_all(self, calls: Sequence[Call]) -> None:
        for call in calls:
            if call.in_progress:
                call.leave()

    def send_request(self, message: Message, to: Address) -> Exchange:
        """Any request outside of a dialog, retransmitted as it should be."""
        exchange = Exchange(message)
        self.do(lambda: self.begin(message, to, exchange.take, exchange.give_up))
        return exchange

    def send_raw(self, message: Message | bytes, to: Address) -> None:
        """Once, without a transaction."""
        data = message if isinstance(message, bytes) else message.bytes()
        self.do(lambda: self.send(data, to))

    def begin(
        self, message: Message, to: Address, take: Callable[[Message], None], expired: Callable[[], None]
    ) -> Client:
        return Client(self, message, to, take, expired)

    def forget(self) -> None:
        """A restart without memory: no dialog or transaction is known any more. The calls keep their records."""
        self.do(self._forget_all)

    def _forget_all(self) -> None:
        for call in (*self.calls, *self.placed):
            call.drop()
        self.clients.clear()
        self.servers.clear()
        self.dialogs.clear()
        self._inviting.clear()
        self.drop_timers()

    def call_ended(self, call: Call) -> None:
        """Counted no more; its dialogs stay for what is still on its way."""
        if isinstance(call, IncomingCall):
            self.tally.leave(call.invite)
            self._inviting.pop(_identity(call.invite), None)
        self.later(self.timers.lifetime, lambda: self._remove(call))

    def forget_call(self, call: Call) -> None:
        """From now on this call is unknown here: what belongs to it gets 481."""
        self.do(lambda: self._forget_call(call))

    def _forget_call(self, call: Call) -> None:
        call.drop()
        self._remove(call)

    def _remove(self, call: Call) -> None:
        for dialog in call.dialogs:
            self.dialogs.pop(dialog.key, None)

    # What arrives

    def datagram(self, data: bytes, source: Address) -> None:
        if self._heard is not None and self._shown < 500:
            self._shown += 1
            self._heard(data)
        message = parse(data)
        if not message.is_response:
            self._arrived(message, source)
            return
        client = self.clients.get((branch(message), message.method))
        if client is not None:
            client.received(message)

    def _arrived(self, request: Message, source: Address) -> None:
        method = request.method
        key = (branch(request), _sent_by(request), "INVITE" if method == "ACK" else method)
        server = self.servers.get(key)
        if method == "ACK":
            self._acknowledged(request, server)
        elif server is not None:
            server.repeated()
        else:
            self._new(Server(self, request, _reply_to(request, source), key))

    def _acknowledged(self, ack: Message, server: Server | None) -> None:
        if server is not None:
            server.acknowledged()
            return
        found = self._dialog(ack)
        if found is not None:
            found[0].acknowledged(ack, found[1])

    def _new(self, server: Server) -> None:
        request = server.request
        if request.method == "CANCEL":
            self._cancelled(server)
        elif tag(request.one("To")):
            found = self._dialog(request)
            if found is None:
                self.requests.append(request)
                self.reply(server, 481)
            else:
                found[0].requested(server, found[1])
        elif request.method == "INVITE":
            self._invited(server)
        else:
            self.requests.append(request)
            self.reply(server, self.outside.get(request.method, 200))

    def _dialog(self, request: Message) -> tuple[Call, Dialog] | None:
        key = (request.one("Call-ID"), tag(request.one("To")), tag(request.one("From")))
        call = self.dialogs.get(key)
        return None if call is None else (call, next(dialog for dialog in call.dialogs if dialog.key == key))

    def _invited(self, server: Server) -> None:
        """Section 8.2.2.2: the same request over another path is a loop, not a second call."""
        invite = server.request
        if _identity(invite) in self._inviting:
            self.reply(server, 482)
            return
        script = self.script if isinstance(self.script, Script) else self.script(invite)
        call = IncomingCall(self, server, script)
        self.calls.append(call)
        self._inviting[_identity(invite)] = call
        self.tally.enter(invite)
        call.begin()

    def _cancelled(self, server: Server) -> None:
        request = server.request
        target = self.servers.get((branch(request), _sent_by(request), "INVITE"))
        self.reply(server, 200 if target else 481)
        call = self._inviting.get(_identity(request))
        if target is not None and call is not None:
            call.cancel()

    def reply(self, server: Server, code: int) -> None:
        if code == SILENCE:
            return
        response = answer(server.request, f"{code} {REASONS.get(code, 'Whatever')}")
        server.respond(response.having("Allow", METHODS) if server.request.method == "OPTIONS" else response)


def _identity(invite: Message) -> tuple[str, str]:
    return invite.one("Call-ID"), tag(invite.one("From"))


def _sent_by(request: Message) -> str:
    """The host and port of the topmost Via."""
    return request.all("Via")[0].split(";", 1)[0].rpartition(" ")[2]


def _reply_to(request: Message, source: Address) -> Address:
    """RFC 3581 with `rport`, else section 18.2.2."""
    top = request.all("Via")[0].split(",", 1)[0]
    if ";rport" in top:
        return source
    _, _, port = _sent_by(request).partition(":")
    return source[0], int(port or 5060)
