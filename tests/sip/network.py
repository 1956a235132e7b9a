"""Addresses for many PBXs on one machine, and a record of all that any of them was told."""

import ipaddress
import itertools
import os
import re
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from tests.sip.agent import UserAgent
from tests.sip.caller import Pbx
from tests.sip.core import Core
from tests.sip.digest import Login
from tests.sip.phone import Address, Phone

_FOLD = re.compile(rb"\r\n[ \t]+")
"""A header may go on in the next line (RFC 3261 section 7.3.1)."""
_VARIABLE = re.compile(rb"[0-9a-f]{8,}|[A-Za-z0-9+/_=-]{20,}|[0-9]{2,}")


class Network:
    """Hands out source addresses of 127.64.0.0/10, each once, and opens phones on them."""

    def __init__(self) -> None:
        start = int(ipaddress.IPv4Address("127.64.0.0")) + (os.getpid() % 1000) * 4096
        self._numbers = itertools.count(start)
        self._phones: list[Phone] = []
        self._agents: list[UserAgent] = []
        self._seen: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def address(self) -> str:
        """A source address that no test has used."""
        while True:
            number = next(self._numbers)
            if number % 256 not in (0, 255):
                return str(ipaddress.IPv4Address(number))

    def phone(
        self,
        gateway: Address,
        login: Login | None = None,
        source: str | None = None,
        port: int = 0,
        user_agent: str | None = "Asterisk PBX 20.5.0",
    ) -> Phone:
        """A PBX at `source` (a fresh address by default) that talks to `gateway`."""
        line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        line.bind((source or self.address(), port))
        phone = Phone(line, gateway, login or Login("nobody", "nothing"), self.heard, user_agent=user_agent)
        self._phones.append(phone)
        return phone

    def pbx(
        self, gateways: Sequence[Address], login: Login | None = None, source: str | None = None, **options: Any
    ) -> Pbx:
        """A PBX that makes and takes calls; the options are those of `UserAgent`. Its port is a free one."""
        port = options.pop("port", 0)
        place = (source or self.address(), port)
        pbx = Pbx(place, gateways, login or Login("nobody", "nothing"), **options)
        self._agents.append(pbx)
        return pbx

    def core(self, source: str | None = None, port: int = 5060, **options: Any) -> Core:
        """A carrier's core; the options are those of `UserAgent`."""
        core = Core((source or self.address(), port), **options)
        self._agents.append(core)
        return core

    def heard(self, data: bytes) -> None:
        """Keep one full example of every header that differs in more than numbers and identifiers."""
        with self._lock:
            for line in _FOLD.sub(b" ", data).split(b"\r\n"):
                self._seen.setdefault(_VARIABLE.sub(b"#", line), line)

    def lines(self) -> Iterator[str]:
        """The lines of everything that any phone received so far, each shape once."""
        with self._lock:
            seen = list(self._seen.values())
        return (line.decode("utf-8", "replace") for line in seen)

    def close(self) -> None:
        for phone in self._phones:
            phone.close()
        for agent in self._agents:
            agent.close()
