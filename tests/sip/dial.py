"""What a caller asks for, and the INVITE that says so."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.sip.dialogs import Routing
from tests.sip.digest import Login
from tests.sip.endpoint import Address
from tests.sip.message import Headers, Message, token


class Caller(Protocol):
    """What an INVITE says about the user agent that sends it."""

    user_agent: str | None

    @property
    def via(self) -> str: ...

    @property
    def contact(self) -> str: ...

    def session(self) -> bytes: ...


@dataclass(frozen=True)
class Dial:
    """What the caller wants, odd things included.

    `targets`: where the INVITE goes; after a 503 or no answer, to the next of them (RFC 3263 section 4.3).
    `headers` come on top of the usual ones, or replace the one of the same name; `copies` of each INVITE go out at the
    same instant. `offers` False leaves the session to the callee; `acknowledges` False sends no ACK to an answer.
    Hang up `hold` seconds after the answer; cancel after `patience` seconds without one.
    """

    dialled: str
    targets: Sequence[Address]
    caller: str = "+14155550100"
    domain: str = "reg.example.net"
    login: Login | None = None
    headers: Headers = ()
    uri: str | None = None
    to_tag: str | None = None
    call_id: str = field(default_factory=token)
    tag: str = field(default_factory=token)
    cseq: int = 1
    copies: int = 1
    hold: float | None = None
    patience: float | None = None
    reliable: bool = False
    routing: Routing = Routing.LOOSE
    offers: bool = True
    acknowledges: bool = True

    @property
    def target(self) -> str:
        return self.uri or f"sip:{self.dialled}@{self.domain}"

    def invite(self, agent: Caller, cseq: int, *more: tuple[str, str]) -> Message:
        """A new INVITE, with a branch of its own."""
        to = f"<sip:{self.dialled}@{self.domain}>" + (f";tag={self.to_tag}" if self.to_tag else "")
        headers = {
            "Via": f"SIP/2.0/UDP {agent.via};rport;branch=z9hG4bK{token()}",
            "Max-Forwards": "70",
            "From": f"<sip:{self.caller}@{self.domain}>;tag={self.tag}",
            "To": to,
            "Call-ID": self.call_id,
            "CSeq": f"{cseq} INVITE",
            "Contact": agent.contact,
            "Allow": "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER",
        }
        if agent.user_agent is not None:
            headers["User-Agent"] = agent.user_agent
        if self.reliable:
            headers["Supported"] = "100rel"
        own = {name for name, _ in self.headers}
        kept = tuple((name, value) for name, value in headers.items() if name not in own)
        body = agent.session() if self.offers else b""
        content = (("Content-Type", "application/sdp"),) if body else ()
        return Message(f"INVITE {self.target} SIP/2.0", (*kept, *self.headers, *more, *content), body)
