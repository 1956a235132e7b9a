"""Transactions over UDP (RFC 3261 section 17, with the Accepted states of RFC 6026)."""

from collections.abc import Callable
from typing import Protocol

from tests.sip.endpoint import Address, Timer, Timers
from tests.sip.message import Message
from tests.sip.phone import branch

Key = tuple[str, ...]


class Carrier(Protocol):
    """What a transaction needs of the endpoint that it belongs to."""

    timers: Timers
    clients: "dict[Key, Client]"
    servers: "dict[Key, Server]"

    def send(self, data: bytes, to: Address) -> None: ...

    def later(self, seconds: float, action: Callable[[], None]) -> Timer: ...


class Repeater:
    """Sends now, after T1, and then at intervals that double up to `cap`, until it is stopped or 64 T1 have passed."""

    __slots__ = ("_cap", "_carrier", "_expired", "_left", "_send", "_slept", "_timer", "_wait")

    def __init__(
        self, carrier: Carrier, send: Callable[[], None], expired: Callable[[], None], cap: float | None
    ) -> None:
        self._carrier, self._send, self._expired = carrier, send, expired
        self._cap = cap or carrier.timers.lifetime
        self._wait = self._slept = carrier.timers.t1
        self._left = carrier.timers.lifetime
        send()
        self._timer = carrier.later(self._wait, self._again)

    def _again(self) -> None:
        self._left -= self._slept
        if self._left <= 0:
            self._expired()
            return
        self._send()
        self._wait = self._slept = min(2 * self._wait, self._cap, self._left)
        self._timer = self._carrier.later(self._wait, self._again)

    def slow_down(self) -> None:
        """A provisional answer came to a request that is no INVITE: every T2 from now on (section 17.1.2.2)."""
        self._wait = self._cap

    def stop(self) -> None:
        self._timer.cancel()


class Client:
    """A request on its way: timers A and B of an INVITE, E and F of everything else.

    `answered` gets each provisional response, the first final one, and every 2xx to an INVITE; `expired` is called
    when there was no final response (for an INVITE: no response at all) within 64 T1.
    """

    def __init__(
        self,
        carrier: Carrier,
        request: Message,
        to: Address,
        answered: Callable[[Message], None],
        expired: Callable[[], None],
        copies: int = 1,
    ) -> None:
        self.request, self.to = request, to
        self.final: Message | None = None
        self._carrier, self._answered, self._expired = carrier, answered, expired
        self._invites = request.method == "INVITE"
        self._key: Key = (branch(request), request.method)
        self._data = request.bytes()
        self._ack = b""
        carrier.clients[self._key] = self
        for _ in range(copies - 1):
            self._send()
        self._repeater = Repeater(carrier, self._send, self._give_up, None if self._invites else carrier.timers.t2)

    def _send(self) -> None:
        self._carrier.send(self._data, self.to)

    def _give_up(self) -> None:
        self._forget()
        self._expired()

    def _forget(self) -> None:
        self._repeater.stop()
        self._carrier.clients.pop(self._key, None)

    def abandon(self) -> None:
        """Give up quietly on an INVITE that a CANCEL did not end (section 9.1)."""
        if self.final is None:
            self._give_up()

    def received(self, response: Message) -> None:
        if response.status < 200:
            self._provisional(response)
        elif self._invites and response.status < 300:
            self._close(response)
            self._answered(response)
        elif self.final is None:
            self._refused(response)
        elif self._ack:
            self._carrier.send(self._ack, self.to)

    def _provisional(self, response: Message) -> None:
        if self.final is not None:
            return
        if self._invites:
            self._repeater.stop()
        else:
            self._repeater.slow_down()
        self._answered(response)

    def _refused(self, response: Message) -> None:
        if self._invites:
            self._ack = hop_by_hop(self.request, "ACK").having("To", response.one("To")).bytes()
            self._carrier.send(self._ack, self.to)
        self._close(response)
        self._answered(response)

    def _close(self, response: Message) -> None:
        """Timers D, K and M: the transaction stays for what is retransmitted."""
        if self.final is None:
            self.final = response
            self._repeater.stop()
            self._carrier.later(self._carrier.timers.lifetime, self._forget)


def hop_by_hop(invite: Message, method: str) -> Message:
    """The CANCEL of an INVITE, or the ACK of its refusal: same branch, one Via (sections 9.1 and 17.1.1.3)."""
    kept = ("max-forwards", "from", "to", "call-id", "route")
    number = invite.one("CSeq").split()[0]
    headers = (
        ("Via", invite.all("Via")[0]),
        *(pair for pair in invite.headers if pair[0].lower() in kept),
        ("CSeq", f"{number} {method}"),
    )
    return Message(f"{method} {invite.start.split(' ')[1]} SIP/2.0", headers)


class Server:
    """A request that arrived, and its answers (sections 17.2.1 and 17.2.2).

    A final answer to an INVITE is repeated until its ACK; `unacknowledged` gets the one whose ACK never came.
    """

    def __init__(self, carrier: Carrier, request: Message, source: Address, key: Key) -> None:
        self.request, self.source, self.key = request, source, key
        self.unacknowledged: Callable[[Message], None] = lambda _: None
        self.final: Message | None = None
        self._carrier = carrier
        self._invites = request.method == "INVITE"
        self._last = b""
        self._repeaters: dict[str, Repeater] = {}
        carrier.servers[key] = self

    def respond(self, response: Message) -> None:
        """Send this answer; a final one to an INVITE for as long as it takes."""
        self._last = data = response.bytes()
        if response.status < 200 or not self._invites:
            self._carrier.send(data, self.source)
        else:
            self._repeaters[response.one("To")] = Repeater(
                self._carrier,
                lambda: self._carrier.send(data, self.source),
                lambda: self._give_up(response),
                self._carrier.timers.t2,
            )
        if response.status >= 200 and self.final is None:
            self.final = response
            self._carrier.later(self._carrier.timers.lifetime, self._forget)

    def repeated(self) -> None:
        """The request came again: so does its answer, except a 2xx whose ACK has come (RFC 6026 section 7.1)."""
        accepted = self._invites and self.final is not None and self.final.status < 300
        if self._last and not (accepted and not self._repeaters):
            self._carrier.send(self._last, self.source)

    def acknowledged(self, to: str | None = None) -> None:
        """An ACK with this To ends the answer of that fork; without one, a refusal."""
        for key in [to] if to is not None else list(self._repeaters):
            repeater = self._repeaters.pop(key, None)
            if repeater is not None:
                repeater.stop()

    def _give_up(self, response: Message) -> None:
        self._repeaters.pop(response.one("To"), None)
        self.unacknowledged(response)

    def _forget(self) -> None:
        self._carrier.servers.pop(self.key, None)
