"""Dialogs: who talks to whom, over which route (RFC 3261 section 12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from tests.sip.endpoint import Address
from tests.sip.message import Headers, Message, token

DialogKey = tuple[str, str, str]


class Routing(Enum):
    """What a user agent does with the route set of its dialogs."""

    LOOSE = "as RFC 3261 asks"
    STRICT = "as RFC 2543 did: the Request-URI is the next hop, the Contact comes last in Route"
    NONE = "it forgets the route and sends to the Contact's address"


def tag(value: str) -> str:
    """The tag of a From or To, or the empty string."""
    _, found, rest = value.rpartition(">")[2].rpartition(";tag=")
    return rest.split(";", 1)[0].strip() if found else ""


def listed(values: list[str]) -> Iterator[str]:
    """The members of headers that are lists; a comma within <> or quotes separates nothing."""
    for value in values:
        start, depth, quoted = 0, 0, False
        for place, letter in enumerate(value):
            if letter == '"':
                quoted = not quoted
            elif not quoted and letter in "<>":
                depth += 1 if letter == "<" else -1
            elif letter == "," and not quoted and not depth:
                yield value[start:place].strip()
                start = place + 1
        yield value[start:].strip()


def uri(value: str) -> str:
    """The URI of a Contact, Route, From or To value (section 20.10)."""
    _, bracket, rest = value.rpartition("<")
    return rest.partition(">")[0] if bracket else value.split(";", 1)[0].strip()


def user(value: str) -> str:
    """The user part of the URI of such a value or of a Request-URI, or the empty string."""
    name, at, _ = uri(value).partition(":")[2].partition("@")
    return name if at else ""


def host(target: str) -> Address:
    """The address and port that a sip: URI names."""
    place = target.partition(":")[2].split(";", 1)[0].split("?", 1)[0].rpartition("@")[2]
    name, _, port = place.partition(":")
    return name, int(port or 5060)


def request_uri(request: Message) -> str:
    return request.start.split(" ", 2)[1]


@dataclass
class Dialog:
    """One side's view. `local` and `remote` are whole From or To values with their tags."""

    call_id: str
    local: str
    remote: str
    target: str
    route: tuple[str, ...]
    cseq: int
    remote_cseq: int = 0
    ended: bool = False

    @classmethod
    def of_caller(cls, invite: Message, response: Message) -> "Dialog":
        """Section 12.1.2: the route is the Record-Route backwards."""
        route = tuple(listed(response.all("Record-Route")))[::-1]
        contact = response.get("Contact")
        target = uri(contact) if contact else request_uri(invite)
        cseq = int(invite.one("CSeq").split()[0])
        return cls(invite.one("Call-ID"), invite.one("From"), response.one("To"), target, route, cseq)

    @classmethod
    def of_callee(cls, invite: Message, local: str) -> "Dialog":
        """Section 12.1.1; `local` is the To with this side's tag."""
        route = tuple(listed(invite.all("Record-Route")))
        target = uri(invite.one("Contact"))
        remote_cseq = int(invite.one("CSeq").split()[0])
        return cls(invite.one("Call-ID"), local, invite.one("From"), target, route, 0, remote_cseq)

    @property
    def key(self) -> DialogKey:
        return self.call_id, tag(self.local), tag(self.remote)

    def confirm(self, response: Message) -> None:
        """A 2xx decides the route and the target again (section 13.2.2.4)."""
        self.route = tuple(listed(response.all("Record-Route")))[::-1]
        self.refresh(response)

    def refresh(self, message: Message) -> None:
        """A Contact in a re-INVITE, an UPDATE or their 2xx is the new target (section 12.2)."""
        contact = message.get("Contact")
        if contact:
            self.target = uri(contact)

    def request(self, method: str, via: str, routing: Routing, cseq: int | None = None) -> tuple[Message, Address]:
        """A request within the dialog, and where it goes (section 12.2.1.1)."""
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        target, route, hop = self._way(routing)
        headers: Headers = (
            ("Via", f"SIP/2.0/UDP {via};rport;branch=z9hG4bK{token()}"),
            *(("Route", value) for value in route),
            ("Max-Forwards", "70"),
            ("From", self.local),
            ("To", self.remote),
            ("Call-ID", self.call_id),
            ("CSeq", f"{cseq} {method}"),
        )
        return Message(f"{method} {target} SIP/2.0", headers), hop

    def _way(self, routing: Routing) -> tuple[str, tuple[str, ...], Address]:
        """Request-URI, Route values and next hop."""
        if routing is Routing.NONE or not self.route:
            return self.target, (), host(self.target)
        first = uri(self.route[0])
        hop = host(first)
        if routing is Routing.LOOSE and ";lr" in first:
            return self.target, self.route, hop
        return first, (*self.route[1:], f"<{self.target}>"), hop
