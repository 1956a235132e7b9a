"""The message at hand, as the fake KSR's getters and checks see it."""

import re
from dataclasses import dataclass, field

from tests.sip.message import Message
from tests.unit.kemi.fake_part import Part, Source, UnscriptedError

USER = re.compile(r"sips?:([^@>\s]+)@")
URI = re.compile(r"<?(sips?:[^>;\s]+)")
TAG = re.compile(r";tag=([^;\s]+)")
HOST = re.compile(r"sips?:(?:[^@>;\s]+@)?([^:;>\s]+)")


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
    gateways: list[str] = field(default_factory=list)


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
        return first(USER, self._ksr.message.get("From"))

    def get_tuser(self) -> str | None:
        return first(USER, self._ksr.message.get("To"))

    def get_rhost(self) -> str | None:
        return first(HOST, self.get_ruri())

    def get_au(self) -> str | None:
        """The first answer's, whichever realm it is for."""
        values = self._ksr.message.all("Authorization") or self._ksr.message.all("Proxy-Authorization")
        return first(re.compile(r'username="([^"@]*)'), next(iter(values), None))

    def get_ruri(self) -> str:
        return self._ksr.exchange.uri or self._ksr.message.start.split(" ")[1]

    def get_ruser(self) -> str | None:
        return first(USER, self.get_ruri())

    def get_duri(self) -> str | None:
        return self._ksr.exchange.destination or None

    def get_furi(self) -> str | None:
        return first(URI, self._ksr.message.get("From"))

    def get_turi(self) -> str | None:
        return first(URI, self._ksr.message.get("To"))

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
            return first(TAG, self._ksr.message.get("From" if name == "$ft" else "To"))
        if name == "$rb":
            return self._ksr.exchange.body
        if name == "$(hdr(Record-Route)[*])":
            return ",".join(self._ksr.message.all("Record-Route")) or None
        if name == "$hdr(Via)":
            return next(iter(self._ksr.message.all("Via")), None)
        raise UnscriptedError(name)


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


def first(pattern: re.Pattern[str], value: str | None) -> str | None:
    """What the pattern's group matches."""
    match = pattern.search(value) if value is not None else None
    return match[1] if match else None
