"""Transactions, routes and gateways of the fake KSR: what was sent on, and what the failure routes see."""

from typing import TYPE_CHECKING, NamedTuple

from tests.unit.kemi.fake_part import Part, UnscriptedError

if TYPE_CHECKING:
    from tests.unit.kemi.fake_ksr import FakeKsr


class Relayed(NamedTuple):
    """A request that went on; `lines` were added to it, `removed` are header names that were taken out."""

    method: str
    uri: str
    to: str
    lines: tuple[str, ...]
    removed: frozenset[str]
    on_failure: str | None


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
        if message.method == "CANCEL":
            return 1 if (via, "INVITE") in self.known else -1
        return 0 if (via, message.method) in self.known else -1

    def t_newtran(self) -> int:
        key = (self._ksr.message.all("Via")[0], self._ksr.message.method)
        if key in self.known:
            return 0
        self.known.add(key)
        return 1

    def t_relay(self) -> int:
        if self._ksr.unreachable:
            return -1
        exchange = self._ksr.exchange
        method = exchange.message.method
        self._ksr.relayed.append(
            Relayed(
                method,
                exchange.uri or exchange.message.start.split(" ")[1],
                exchange.destination,
                tuple(exchange.added),
                frozenset(exchange.removed),
                self._on_failure,
            )
        )
        self._on_failure = None
        if method not in ("ACK", "CANCEL"):
            self.known.add((exchange.message.all("Via")[0], method))
        return 1

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
        self._ksr.exchange.added.append("Record-Route")
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
        self._left: list[str] = []

    def ds_select_dst(self, destinations: int, algorithm: int, /) -> int:
        if algorithm != 4:
            raise UnscriptedError(f"algorithm {algorithm}")
        self._left = list(self.live.get(destinations, []))
        return self.ds_next_dst()

    def ds_next_dst(self) -> int:
        if not self._left:
            return -1
        self._ksr.exchange.destination = self._left.pop(0)
        return 1

    def ds_mark_dst_state(self, state: str, /) -> int:
        if state != "tp":
            raise UnscriptedError(state)
        self.dead.append(self._ksr.exchange.destination)
        return 1

    def ds_is_active(self, destinations: int, /) -> int:
        return 1 if self.live.get(destinations) else -1

    def ds_reload(self) -> int:
        self.reloads += 1
        return 1
