"""As much of SIP (RFC 3261) as the canary needs: a UDP socket, messages of a line and headers, waiting for one."""

import secrets
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

AGAIN_SECONDS: Final = 0.5
"""T1: after so long without an answer a request is sent again (RFC 3261 §17.1.1.1)."""
PATIENCE_SECONDS: Final = 6.0
LONGEST_TEXT: Final = 120
"""Characters of a strange message that are told."""

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Message:
    """`start` is the first line."""

    start: str
    headers: Headers = field(default_factory=list)

    @property
    def status(self) -> int:
        """Of a response; 0 of a request."""
        word = self.start.split(" ")[1:2]
        return int(word[0]) if self.start.startswith("SIP/2.0 ") and word and word[0].isdigit() else 0

    @property
    def method(self) -> str:
        """Of a request, or of that which a response answers."""
        return self.get("CSeq").rpartition(" ")[2] if self.status else self.start.partition(" ")[0]

    @property
    def uri(self) -> str:
        """The Request-URI."""
        return self.start.split(" ")[1]

    def ends(self, request: "Message") -> bool:
        """Whether this is a final response to it, of whatever code."""
        return self.status >= 200 and self.get("CSeq") == request.get("CSeq")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first of this name; empty when there is none."""
        return next(iter(self.all(name)), "")

    def encode(self, body: str = "") -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def decode(data: bytes) -> Message:
    """Whatever came, read as well as possible."""
    start, *lines = data.decode("utf-8", "replace").partition("\r\n\r\n")[0].split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Message(start, [(name.strip(), value.strip()) for name, _, value in pairs])


class UnexpectedError(Exception):
    """Something else came than what was awaited, or nothing. The text says what was and what did."""


class Party:
    """One side of a call, at an address of its own, that speaks with one gateway only."""

    def __init__(self, name: str, address: str, port: int, gateway: tuple[str, int]) -> None:
        """Errors: OSError."""
        self.name = name
        self._gateway = gateway
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.place = "{}:{}".format(*self.socket.getsockname())
        self.tag = secrets.token_hex(8)

    def close(self) -> None:
        self.socket.close()

    def via(self) -> tuple[str, str]:
        return "Via", f"SIP/2.0/UDP {self.place};branch=z9hG4bK{secrets.token_hex(8)};rport"

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self._gateway)

    def answer(self, request: Message, code: int, reason: str, *headers: tuple[str, str]) -> None:
        """A response, in the dialog that this side's tag makes."""
        kept = [(name, value) for name, value in request.headers if name in ("Via", "Record-Route", "Call-ID", "CSeq")]
        to = request.get("To")
        to = to if ";tag=" in to or code == 100 else f"{to};tag={self.tag}"
        start = f"SIP/2.0 {code} {reason}"
        self.send(Message(start, [*kept, ("From", request.get("From")), ("To", to), *headers]).encode())

    def expect(
        self, what: str, wanted: Callable[[Message], bool], request: bytes = b"", asker: "Party | None" = None
    ) -> Message:
        """The first message that is wanted. `request` is what leads to it: the `asker` (this side, if none is named)
        has sent it, and sends it again as often as RFC 3261 says.

        Errors: UnexpectedError when the asker gets another final response, or nothing that is wanted comes.
        """
        asker, asked = asker or self, decode(request)
        deadline, interval = time.monotonic() + PATIENCE_SECONDS, AGAIN_SECONDS
        due = time.monotonic() + interval
        while (now := time.monotonic()) < deadline:
            if request and now >= due:
                asker.send(request)
                interval *= 2
                due = now + interval
            for party in _readable({self, asker}, min(deadline, due if request else deadline) - now):
                found = party.receive()
                if found is not None and party is self and wanted(found):
                    return found
                if found is not None and request and party is asker and found.ends(asked):
                    raise UnexpectedError(f"{what} was expected, {found.start[:LONGEST_TEXT]} came")
        raise UnexpectedError(f"{what} was expected, nothing came within {PATIENCE_SECONDS:.0f} seconds")

    def receive(self) -> Message | None:
        """What the gateway has sent; its keep-alives are answered here."""
        try:
            data, source = self.socket.recvfrom(65535)
        except OSError:  # an ICMP error: nobody listens there yet
            return None
        if source != self._gateway:
            return None
        message = decode(data)
        if message.method == "OPTIONS" and not message.status:
            self.answer(message, 200, "OK")
            return None
        return message


def _readable(parties: set[Party], seconds: float) -> list[Party]:
    with selectors.DefaultSelector() as selector:
        for party in parties:
            selector.register(party.socket, selectors.EVENT_READ, party)
        return [key.data for key, _ in selector.select(max(seconds, 0))]
