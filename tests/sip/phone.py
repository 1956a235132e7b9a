"""A user agent on one UDP socket: a PBX in most tests, an attacker in some."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.sip.digest import Login
from tests.sip.message import Message, NotSipError, answer, parse, token

Address = tuple[str, int]
PATIENCE = 12.0  # seconds for an answer: a busy machine must not fail a test
FIRST_WAIT = 0.5  # T1 (RFC 3261 section 17.1.2.1)


class NoAnswerError(AssertionError):
    """Nothing came within the deadline."""


@dataclass
class Phone:
    """One PBX: a credential, a socket, a gateway.

    `heard` is called with every datagram that arrives; `keeps_alive` says whether OPTIONS from the gateway is answered.
    """

    socket: socket.socket
    gateway: Address
    login: Login
    heard: Callable[[bytes], None]
    domain: str = "reg.example.net"
    user_agent: str | None = "Asterisk PBX 20.5.0"
    keeps_alive: bool = True
    call_id: str = field(default_factory=token)
    tag: str = field(default_factory=token)
    cseq: int = 0
    requests: list[Message] = field(default_factory=list)

    @property
    def address(self) -> str:
        return str(self.socket.getsockname()[0])

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def contact(self) -> str:
        return f"<sip:{self.login.username}@{self.address}:{self.port}>"

    def close(self) -> None:
        self.socket.close()

    # Building

    def request(self, method: str, uri: str | None = None, **changes: str) -> Message:
        """A request of this PBX; keywords set headers (`call_id=…`, `user_agent=…`)."""
        self.cseq += 1
        user = f"sip:{self.login.username}@{self.domain}"
        headers = {
            "Via": f"SIP/2.0/UDP {self.address}:{self.port};rport;branch=z9hG4bK{token()}",
            "Max-Forwards": "70",
            "From": f"<{user}>;tag={self.tag}",
            "To": f"<{user}>",
            "Call-ID": self.call_id,
            "CSeq": f"{self.cseq} {method}",
        }
        if self.user_agent is not None:
            headers["User-Agent"] = self.user_agent
        headers.update({_header(name): value for name, value in changes.items()})
        return Message(f"{method} {uri or 'sip:' + self.domain} SIP/2.0", tuple(headers.items()))

    def registration(self, expires: int | None = 3600, contact: str | None = "", **changes: str) -> Message:
        """A REGISTER without credentials; `contact=None` makes it a query."""
        message = self.request("REGISTER", **changes)
        if contact is not None:
            message = message.having("Contact", contact or self.contact)
        return message if expires is None else message.having("Expires", str(expires))

    def again(self, message: Message) -> Message:
        """The same request as a new transaction: next CSeq, new branch."""
        self.cseq += 1
        method = message.method
        via = f"SIP/2.0/UDP {self.address}:{self.port};rport;branch=z9hG4bK{token()}"
        return message.having("CSeq", f"{self.cseq} {method}").having("Via", via)

    def authorized(self, message: Message, challenge: Message, nc: int = 1, login: Login | None = None) -> Message:
        """The request again, with the answer to this 401 or 407 (RFC 3261 section 22.2)."""
        asks, answers = _AUTHENTICATION[challenge.status]
        uri = message.start.split(" ")[1]
        proof = (login or self.login).authorization(challenge.one(asks), message.method, uri, nc, token(4))
        return self.again(message).having(answers, proof)

    # Talking

    def send(self, data: Message | bytes, to: Address | None = None) -> None:
        self.socket.sendto(data if isinstance(data, bytes) else data.bytes(), to or self.gateway)

    def arrivals(self, seconds: float) -> Iterator[Message]:
        """What arrives until the deadline; requests are kept (and OPTIONS answered), responses are handed out."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self._receive(left)
            if message is not None and message.is_response:
                yield message

    def statuses(self, seconds: float) -> set[int]:
        """The status codes that arrive until the deadline, of answers to messages that had not all of the headers."""
        found: set[int] = set()
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            data = self._datagram(left)
            if data is not None and data[0].startswith(b"SIP/2.0 "):
                found.add(int(data[0][8:11]))
        return found

    def _datagram(self, seconds: float) -> tuple[bytes, Address] | None:
        self.socket.settimeout(max(seconds, 0.001))
        try:
            data, sender = self.socket.recvfrom(65535)
        except (TimeoutError, BlockingIOError):
            return None
        self.heard(data)
        return data, sender

    def _receive(self, seconds: float) -> Message | None:
        datagram = self._datagram(seconds)
        if datagram is None:
            return None
        data, sender = datagram
        if not data.strip(b"\r\n\0"):
            return None
        message = parse(data)
        if not message.is_response:
            self._serve(message, sender)
        return message

    def _serve(self, request: Message, sender: Address) -> None:
        self.requests.append(request)
        if self.keeps_alive and request.method == "OPTIONS":
            self.send(answer(request, "200 OK"), sender)

    def exchange(self, message: Message, seconds: float = PATIENCE, *, retransmit: bool = True) -> Message:
        """Send, and wait for the final response of this very transaction. NoAnswerError after `seconds`."""
        deadline, wait = time.monotonic() + seconds, FIRST_WAIT
        while (left := deadline - time.monotonic()) > 0:
            self.send(message)
            for response in self.arrivals(min(wait, left) if retransmit else left):
                if response.status >= 200 and same_transaction(message, response):
                    return response
            wait *= 2
        raise NoAnswerError(f"no answer to {message.start} from {self.address} within {seconds} s")

    def silent(self, message: Message | bytes, seconds: float = 1.0) -> bool:
        """Whether nothing comes back for this message for so long."""
        self.send(message)
        return next(self.arrivals(seconds), None) is None

    def challenge(self, message: Message | None = None) -> tuple[Message, Message]:
        """A REGISTER without credentials and its 401."""
        first = message or self.registration()
        response = self.exchange(first)
        assert response.status == 401, response.start
        return first, response

    def register(self, expires: int | None = 3600, contact: str | None = "", **changes: str) -> Message:
        """Register as a PBX does: without credentials first, then with the answer to the challenge."""
        first = self.registration(expires, contact, **changes)
        return self.finish(first, self.exchange(first))

    def finish(self, first: Message, response: Message) -> Message:
        """Answer a challenge once; any other response is the final one."""
        if response.status not in _AUTHENTICATION:
            return response
        return self.exchange(self.authorized(first, response))

    def leave(self) -> Message:
        """De-register (RFC 3261 section 10.2.2)."""
        return self.register(expires=0)

    def options(self) -> Message:
        return self.exchange(self.request("OPTIONS"))

    def wrong(self) -> Message:
        """One complete try with a wrong password."""
        first, challenge = self.challenge()
        wrong = replace(self.login, password="not-the-password")
        return self.exchange(self.authorized(first, challenge, login=wrong))


_AUTHENTICATION = {401: ("WWW-Authenticate", "Authorization"), 407: ("Proxy-Authenticate", "Proxy-Authorization")}


def _header(keyword: str) -> str:
    special = {"call_id": "Call-ID", "cseq": "CSeq"}
    return special.get(keyword, "-".join(part.capitalize() for part in keyword.split("_")))


def branch(message: Message) -> str:
    """The branch of the topmost Via."""
    top = message.all("Via")[0].split(",")[0]
    values = [part[7:] for part in top.split(";") if part.startswith("branch=")]
    if len(values) != 1:
        raise NotSipError(f"no branch in {top}")
    return values[0]


def same_transaction(request: Message, response: Message) -> bool:
    """RFC 3261 section 17.1.3, and the Call-ID besides."""
    same = branch(request) == branch(response) and request.one("CSeq") == response.one("CSeq")
    return same and request.one("Call-ID") == response.one("Call-ID")
