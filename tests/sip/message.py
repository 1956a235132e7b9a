"""SIP messages as text (RFC 3261 section 7): built freely, read strictly."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

Headers = tuple[tuple[str, str], ...]


class NotSipError(ValueError):
    """What arrived is no well-formed SIP message; the text says why."""


@dataclass(frozen=True)
class Message:
    """One message: its first line, its headers in their order and spelling, and its body."""

    start: str
    headers: Headers
    body: bytes = b""

    @property
    def is_response(self) -> bool:
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        """The status code of a response; NotSipError for a request."""
        if not self.is_response:
            raise NotSipError(f"a request has no status: {self.start}")
        return int(self.start.split(" ", 2)[1])

    @property
    def reason(self) -> str:
        return self.start.split(" ", 2)[2]

    @property
    def method(self) -> str:
        """The method of a request, or the one that a response answers."""
        return self.one("CSeq").split()[1] if self.is_response else self.start.split(" ", 1)[0]

    @property
    def retry_after(self) -> int | None:
        """Whole seconds (RFC 3261 section 20.33), or None where the header is missing."""
        value = self.get("Retry-After")
        return None if value is None else int(value)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        """The header's value, None when it is missing; NotSipError when it is there twice."""
        values = self.all(name)
        if len(values) > 1:
            raise NotSipError(f"{name} is there {len(values)} times")
        return values[0] if values else None

    def one(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise NotSipError(f"{name} is missing")
        return value

    def having(self, name: str, value: str) -> "Message":
        """The same message with this header set, in its old place or at the end."""
        if not self.all(name):
            return replace(self, headers=(*self.headers, (name, value)))
        changed = tuple((key, value if key.lower() == name.lower() else old) for key, old in self.headers)
        return replace(self, headers=changed)

    def without(self, name: str) -> "Message":
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() != name.lower()))

    def bytes(self) -> bytes:
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        if not self.all("Content-Length"):
            lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


def token(length: int = 8) -> str:
    """A random identifier of `length` bytes, for branches, tags and Call-IDs."""
    return secrets.token_hex(length)


def parse(data: bytes) -> Message:
    """Read one datagram. NotSipError for whatever RFC 3261 would not let pass."""
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise NotSipError("the headers do not end")
    try:
        start, *lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as problem:
        raise NotSipError(str(problem)) from problem
    message = Message(start, tuple(_headers(lines)), body)
    _check(message)
    return message


def _headers(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        name, separator, value = line.partition(":")
        if not separator or not name.strip() or "\n" in line or "\r" in line:
            raise NotSipError(f"no header: {line!r}")
        yield name.strip(), value.strip()


def _check(message: Message) -> None:
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if not message.all(name):
            raise NotSipError(f"{name} is missing")
    length = message.get("Content-Length")
    if length is not None and int(length) != len(message.body):
        raise NotSipError(f"Content-Length {length}, but the body has {len(message.body)} bytes")
    if message.is_response and not (100 <= message.status <= 699):
        raise NotSipError(message.start)


def answer(request: Message, status: str) -> Message:
    """A response to a request that this side received, with its Via, From, To, Call-ID and CSeq (section 8.2.6)."""
    copied = ("via", "from", "to", "call-id", "cseq", "record-route")
    headers = tuple(pair for pair in request.headers if pair[0].lower() in copied)
    response = Message(f"SIP/2.0 {status}", headers)
    if ";tag=" not in response.one("To"):
        response = response.having("To", f"{response.one('To')};tag={token()}")
    return response
