"""A stateful KSR: what `kemi.ksr` names, kept in dictionaries under a clock that the test moves.

It behaves as Kamailio 5.6.3 was measured to. What no test has scripted, and what would hang Kamailio, raises.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.sip.message import Message
from tests.unit.kemi.fake_auth import FakeAuth
from tests.unit.kemi.fake_htable import FakeHtable, LockMisuseError, Table
from tests.unit.kemi.fake_part import Calls, Clock, Part, Sent, Source, UnscriptedError
from tests.unit.kemi.fake_tm import FakeDispatcher, FakeRr, FakeTm, FakeTmx, Relayed

__all__ = ["Calls", "Clock", "FakeKsr", "LockMisuseError", "Sent", "Source", "UnscriptedError"]

_USER = re.compile(r"sips?:([^@>;\s]+)@")
_URI = re.compile(r"<?(sips?:[^>;\s]+)")
_TAG = re.compile(r";tag=([^;\s]+)")
_HOST = re.compile(r"sips?:(?:[^@>;\s]+@)?([^:;>\s]+)")


class Datagram(NamedTuple):
    """One message of the gateway's own."""

    uri: str
    data: str


@dataclass
class Exchange:
    """The message under handling, and the header lines that its reply will carry."""

    message: Message
    source: Source
    well_formed: bool = True
    body: str | None = ""
    lines: list[str] = field(default_factory=list)
    uri: str = ""
    destination: str = ""
    added: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)


class FakeKx(Part):
    """Getters."""

    def get_method(self) -> str:
        return self._ksr.message.method

    def get_msglen(self) -> int:
        return len(str(self._ksr.message))

    def get_srcip(self) -> str:
        return self._ksr.source.address

    def get_srcport(self) -> int:
        return self._ksr.source.port

    def get_callid(self) -> str | None:
        return self._ksr.message.get("Call-ID")

    def get_fuser(self) -> str | None:
        return _first(_USER, self._ksr.message.get("From"))

    def get_tuser(self) -> str | None:
        return _first(_USER, self._ksr.message.get("To"))

    def get_rhost(self) -> str | None:
        return _first(_HOST, self._ksr.message.start.split(" ")[1])

    def get_au(self) -> str | None:
        value = self._ksr.message.get("Authorization") or self._ksr.message.get("Proxy-Authorization")
        return _first(re.compile(r'username="([^"@]*)'), value)

    def get_ruri(self) -> str:
        return self._ksr.message.start.split(" ")[1]

    def get_ruser(self) -> str | None:
        return _first(_USER, self.get_ruri())

    def get_duri(self) -> str | None:
        return self._ksr.exchange.destination or None

    def get_furi(self) -> str | None:
        return _first(_URI, self._ksr.message.get("From"))

    def get_turi(self) -> str | None:
        return _first(_URI, self._ksr.message.get("To"))

    def get_status(self) -> int:
        return self._ksr.message.status

    def get_ua(self) -> str | None:
        return self._ksr.message.get("User-Agent")


class FakePv(Part):
    """The pseudo-variables that are used; `$rb` is the body, or None without the line that ends the headers."""

    def get(self, name: str, /) -> str | int | None:
        if name == "$cs":
            return self._ksr.message.one("CSeq").split()[0]
        if name in ("$ft", "$tt"):
            return _first(_TAG, self._ksr.message.get("From" if name == "$ft" else "To"))
        if name == "$rb":
            return self._ksr.exchange.body
        if name == "$hdr(Via)":
            return next(iter(self._ksr.message.all("Via")), None)
        raise UnscriptedError(name)


class FakeKex(Part):
    """The core: the log level of this process."""

    level: int | None = None

    def setdebug(self, level: int, /) -> int:
        self.level = level
        return 1


class FakeHdr(Part):
    """Header fields."""

    def get(self, name: str, /) -> str | None:
        return self.get_idx(name, 0)

    def get_idx(self, name: str, index: int, /) -> str | None:
        values = self._ksr.message.all(name)
        return values[index] if index < len(values) else None

    def is_present(self, name: str, /) -> int:
        return 1 if self._ksr.message.all(name) else -1

    def append(self, line: str, /) -> int:
        if not line.endswith("\r\n") or "\r\n" in line[:-2]:
            raise UnscriptedError(f"not one header line: {line!r}")
        self._ksr.exchange.added.append(line[:-2])
        return 1

    def remove(self, name: str, /) -> int:
        self._ksr.exchange.removed.add(name)
        return 1

    def append_to_reply(self, line: str, /) -> int:
        if not line.endswith("\r\n") or "\r\n" in line[:-2]:
            raise UnscriptedError(f"not one header line: {line!r}")
        self._ksr.exchange.lines.append(line[:-2])
        return 1


class FakeSl(Part):
    """Stateless replies; none to an ACK, as in sl."""

    def send_reply(self, code: int, reason: str, /) -> int:
        if self._ksr.message.method == "ACK":
            return -1
        self._ksr.send(code, reason)
        return 1


class FakeSanity(Part):
    """Says what the test said when it handed the message in."""

    def sanity_check(self, message: int, uris: int, /) -> int:
        if not (message and uris):
            raise UnscriptedError("a check that checks nothing")
        return 1 if self._ksr.exchange.well_formed else -1


class FakeMaxFwd(Part):
    """Max-Forwards."""

    def is_maxfwd_lt(self, limit: int, /) -> int:
        value = self._ksr.message.get("Max-Forwards")
        return 1 if value is not None and int(value) < limit else -1

    def process_maxfwd(self, limit: int, /) -> int:
        if limit != 70:
            raise UnscriptedError(f"a limit of {limit} hops")
        return -1 if self._ksr.message.get("Max-Forwards") == "0" else 1


class FakeSipUtils(Part):
    """Facts about a request."""

    def has_totag(self) -> int:
        return 1 if ";tag=" in self._ksr.message.one("To") else -1


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
        self.sanity, self.maxfwd, self.siputils = FakeSanity(self), FakeMaxFwd(self), FakeSipUtils(self)
        self.cfgutils, self.corex, self.auth = FakeCfgutils(self), FakeCorex(self), FakeAuth(self)
        self.kex = FakeKex(self)
        self.htable = FakeHtable(self, tables)
        self.tm, self.tmx, self.rr, self.dispatcher = FakeTm(self), FakeTmx(self), FakeRr(self), FakeDispatcher(self)
        self.relayed: list[Relayed] = []
        self.transactions: set[str] = set()
        self.unreachable = False

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
        return _first(_HOST, uri) in self.own_hosts

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


def _first(pattern: re.Pattern[str], value: str | None) -> str | None:
    match = pattern.search(value) if value is not None else None
    return match[1] if match else None
