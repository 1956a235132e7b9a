"""Transactions, routes and gateways of the fake KSR: what was sent on, and what the failure routes see."""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tests.sip.message import Message
from tests.unit.kemi.fake_part import Part, Source, UnscriptedError

if TYPE_CHECKING:
    from tests.unit.kemi.fake_ksr import FakeKsr
    from tests.unit.kemi.fake_message import Exchange


class Relayed(NamedTuple):
    """A request that went on: `message` as it left, to `to`, out of what `received` had brought."""

    message: Message
    to: Source
    on_failure: str | None
    received: "Exchange"

    @property
    def uri(self) -> str:
        return self.message.start.split(" ")[1]


class Failure(NamedTuple):
    """How all branches of a request failed."""

    code: int
    timed_out: bool = False
    canceled: bool = False


class FakeTm(Part):
    """A transaction is the top Via and the method; one of another method cancels or acknowledges it."""

    def __init__(self, ksr: "FakeKsr") -> None:
        super().__init__(ksr)
        self.known: set[tuple[str, str]] = set()
        self.failure: Failure | None = None
        self._on_failure: str | None = None

    def t_check_trans(self) -> int:
        message = self._ksr.message
        via = message.all("Via")[0]
        if message.is_response:
            return 1 if via in self._ksr.transactions else -1
        if message.method in ("CANCEL", "ACK"):
            begun = (via, "INVITE") in self.known
            return -1 if not begun else 1 if message.method == "CANCEL" else 0
        return 0 if (via, message.method) in self.known else -1

    def t_newtran(self) -> int:
        key = (self._ksr.message.all("Via")[0], self._ksr.message.method)
        if key in self.known:
            return 0
        self.known.add(key)
        return 1

    def t_relay(self) -> int:
        exchange = self._ksr.exchange
        if _place(exchange).address in self._ksr.unreachable:
            return -1
        message = exchange.message
        left = replace(exchange, lines=[], added=list(exchange.added), removed=set(exchange.removed))
        self._ksr.relayed.append(Relayed(self._sent_on(exchange), _place(exchange), self._on_failure, left))
        self._on_failure = None
        if message.method not in ("ACK", "CANCEL"):
            self.known.add((message.all("Via")[0], message.method))
        return 1

    def _sent_on(self, exchange: "Exchange") -> Message:
        """With a Via of the gateway's own, by which its response is known."""
        message = exchange.message
        via = f"SIP/2.0/UDP {min(self._ksr.own_hosts)}:5060;branch=z9hG4bKgw{len(self._ksr.relayed)}"
        self._ksr.transactions.add(via)
        removed = {name.lower() for name in exchange.removed}
        kept = tuple(pair for pair in message.headers if pair[0].lower() not in removed)
        added = tuple((name, value) for name, _, value in (line.partition(": ") for line in exchange.added))
        start = f"{message.method} {self._ksr.kx.get_ruri()} SIP/2.0"
        return Message(start, (("Via", via), *kept, *added), message.body)

    def t_reply(self, code: int, reason: str, /) -> int:
        self._ksr.send(code, reason)
        return 1

    def t_on_failure(self, callback: str, /) -> int:
        self._on_failure = callback
        return 1

    def t_set_fr(self, invite: int, other: int, /) -> int:
        if not (invite >= 180_000 and other > 0):
            raise UnscriptedError(f"timers of {invite} and {other} ms")
        return 1

    def t_get_status_code(self) -> int:
        return self._failed().code

    def t_is_canceled(self) -> int:
        return 1 if self._failed().canceled else -1

    def t_branch_timeout(self) -> int:
        return 1 if self._failed().timed_out else -1

    def _failed(self) -> Failure:
        if self.failure is None:
            raise UnscriptedError("outside a failure route")
        return self.failure


class FakeTmx(Part):
    """Cancels what the test says is still alive."""

    def __init__(self, ksr: "FakeKsr") -> None:
        super().__init__(ksr)
        self.alive: set[str] = set()

    def t_cancel_callid(self, call_id: str, cseq: str, flag: int, /) -> int:
        if flag:
            raise UnscriptedError("a flag")
        return 1 if call_id in self.alive and cseq.isdigit() else -1


class FakeRr(Part):
    """Route headers."""

    def record_route(self) -> int:
        self._ksr.exchange.added.append(f"Record-Route: <sip:{min(self._ksr.own_hosts)};lr>")
        return 1

    def loose_route(self) -> int:
        return 1 if self._ksr.message.all("Route") else -1


class FakeDispatcher(Part):
    """Sets of gateways: `live` holds those that answer, `destinations` what was read from the list."""

    def __init__(self, ksr: "FakeKsr") -> None:
        super().__init__(ksr)
        self.live: dict[int, list[str]] = {}
        self.reloads = 0
        self.dead: list[str] = []

    def ds_select_dst(self, destinations: int, algorithm: int, /) -> int:
        if algorithm != 4:
            raise UnscriptedError(f"algorithm {algorithm}")
        self._ksr.exchange.gateways = list(self.live.get(destinations, []))
        return self.ds_next_dst()

    def ds_next_dst(self) -> int:
        gateways = self._ksr.exchange.gateways
        if not gateways:
            return -1
        self._ksr.exchange.destination, self._ksr.exchange.gateways = gateways[0], gateways[1:]
        return 1

    def ds_mark_dst_state(self, state: str, /) -> int:
        if state != "tp":
            raise UnscriptedError(state)
        self.dead.append(self._ksr.exchange.destination)
        return 1

    def ds_is_active(self, destinations: int, /) -> int:
        return 1 if self.live.get(destinations) else -1

    def ds_is_active_uri(self, destinations: int, uri: str, /) -> int:
        return 1 if uri in self.live.get(destinations, []) else -1

    def ds_reload(self) -> int:
        self.reloads += 1
        return 1


def _place(exchange: "Exchange") -> Source:
    """Where a request goes; tm knows itself where a CANCEL does."""
    if exchange.message.method == "CANCEL":
        return Source("", 0)
    place = exchange.destination or exchange.message.start.split(" ")[1].rpartition("@")[2]
    host, _, port = place.removeprefix("sip:").partition(":")
    return Source(host, int(port or 5060))
