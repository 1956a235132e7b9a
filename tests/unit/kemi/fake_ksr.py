"""A stateful KSR: what `kemi.ksr` names, kept in dictionaries under a clock that the test moves.

It behaves as Kamailio 5.6.3 was measured to. What no test has scripted, and what would hang Kamailio, raises.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tests.sip.message import Message
from tests.unit.kemi.fake_auth import FakeAuth
from tests.unit.kemi.fake_htable import FakeHtable, LockMisuseError, Table
from tests.unit.kemi.fake_message import (
    HOST,
    Exchange,
    FakeHdr,
    FakeKx,
    FakeMaxFwd,
    FakePv,
    FakeSanity,
    first,
)
from tests.unit.kemi.fake_part import Calls, Clock, Part, Sent, Source, UnscriptedError
from tests.unit.kemi.fake_tm import FakeDispatcher, FakeRr, FakeTm, FakeTmx, Relayed

__all__ = ["Calls", "Clock", "FakeKsr", "LockMisuseError", "Sent", "Source", "UnscriptedError"]


class Datagram(NamedTuple):
    """One message of the gateway's own."""

    uri: str
    data: str


class FakeSl(Part):
    """Stateless replies; none to an ACK, as in sl."""

    def send_reply(self, code: int, reason: str, /) -> int:
        if self._ksr.message.method == "ACK":
            return -1
        self._ksr.send(code, reason)
        return 1


class FakeCfgutils(Part):
    """Locks by name. Kamailio's are not recursive: a second lock would wait for ever."""

    def __init__(self, ksr: "FakeKsr") -> None:
        super().__init__(ksr)
        self.held: set[str] = set()

    def lock(self, name: str, /) -> int:
        if name in self.held:
            raise LockMisuseError(f"locked twice: {name}")
        self.held.add(name)
        return 1

    def unlock(self, name: str, /) -> int:
        if name not in self.held:
            raise LockMisuseError(f"not locked: {name}")
        self.held.remove(name)
        return 1


class FakeCorex(Part):
    """Datagrams of our own."""

    def send_data(self, uri: str, data: str, /) -> int:
        self._ksr.datagrams.append(Datagram(uri, data))
        return 1


class FakeKex(Part):
    """The core: the log level of this process."""

    level: int | None = None

    def setdebug(self, level: int, /) -> int:
        self.level = level
        return 1


class FakeKsr:
    """The module KSR of one region."""

    def __init__(self, clock: Clock, tables: Mapping[str, Table], own_hosts: frozenset[str]) -> None:
        self.clock = clock
        self.calls = Calls()
        self.own_hosts = own_hosts
        self.exchange_or_none: Exchange | None = None
        self.replies: list[Sent] = []
        self.datagrams: list[Datagram] = []
        self.dropped = 0
        self.logged: list[tuple[str, str]] = []
        self.kx, self.pv, self.hdr, self.sl = FakeKx(self), FakePv(self), FakeHdr(self), FakeSl(self)
        self.sanity, self.maxfwd = FakeSanity(self), FakeMaxFwd(self)
        self.cfgutils, self.corex, self.auth = FakeCfgutils(self), FakeCorex(self), FakeAuth(self)
        self.kex = FakeKex(self)
        self.htable = FakeHtable(self, tables)
        self.tm, self.tmx, self.rr, self.dispatcher = FakeTm(self), FakeTmx(self), FakeRr(self), FakeDispatcher(self)
        self.relayed: list[Relayed] = []
        self.transactions: set[str] = set()
        self.unreachable: set[str] = set()

    @property
    def exchange(self) -> Exchange:
        if self.exchange_or_none is None:
            raise UnscriptedError("no message is being handled")
        return self.exchange_or_none

    @property
    def message(self) -> Message:
        return self.exchange.message

    @property
    def source(self) -> Source:
        return self.exchange.source

    def receive(self, message: Message, source: Source, *, well_formed: bool = True) -> None:
        """The message that is handled from now on."""
        if self.held:
            raise LockMisuseError(f"still locked: {self.held}")
        self.exchange_or_none = Exchange(message, source, well_formed)

    @property
    def held(self) -> set[str]:
        """The locks that are held now."""
        return self.cfgutils.held | self.htable.held

    def send(self, code: int, reason: str, *lines: str) -> None:
        self.replies.append(Sent(code, reason, (*self.exchange.lines, *lines), self.source))
        self.exchange.lines.clear()

    def is_myself(self, uri: str, /) -> bool:
        return first(HOST, uri) in self.own_hosts

    def seturi(self, uri: str, /) -> bool:
        self.exchange.uri = uri
        return True

    def setdsturi(self, uri: str, /) -> bool:
        self.exchange.destination = uri
        return True

    def set_drop(self) -> None:
        self.dropped += 1

    def notice(self, text: str, /) -> None:
        self.logged.append(("notice", text))

    def warn(self, text: str, /) -> None:
        self.logged.append(("warn", text))

    def crit(self, text: str, /) -> None:
        self.logged.append(("crit", text))
