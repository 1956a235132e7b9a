"""A PBX: registers, calls out many times at once, and is called, all over one socket."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.sip.agent import UserAgent
from tests.sip.call import PATIENCE, Call, Exchange
from tests.sip.dial import Dial
from tests.sip.digest import Login
from tests.sip.endpoint import Address
from tests.sip.message import Message, token
from tests.sip.nameserver import Locator
from tests.sip.outgoing import CHALLENGES, OutgoingCall
from tests.sip.waiting import until


class Pbx(UserAgent):
    """One credential at one address, and the gateways that it may use; the first is meant where none is named.

    With a `locator` it calls as RFC 3263 says: it asks for the servers of its domain, spreads its calls over them by
    weight, and on a 503 or silence it tries the next.
    """

    def __init__(
        self,
        address: Address,
        gateways: Sequence[Address],
        login: Login,
        locator: Locator | None = None,
        **options: Any,
    ) -> None:
        super().__init__(address, **{"user_agent": "Asterisk PBX 20.5.0", **options})
        self.gateways = tuple(gateways)
        self.login = login
        self.locator = locator
        self.name = login.username
        self.domain = "reg.example.net"
        self._registrations: dict[Address, tuple[str, str, int]] = {}
        self._lock = threading.Lock()

    @property
    def gateway(self) -> Address:
        return self.gateways[0]

    # Registering

    def register(self, gateway: Address | None = None, expires: int = 3600, login: Login | None = None) -> Message:
        """The final response to a REGISTER: without credentials first, then with the answer to the challenge."""
        to = gateway or self.gateway
        first = self._registration(to, expires)
        response = self.send_request(first, to).until_final(PATIENCE)
        if response.status not in CHALLENGES:
            return response
        again = self._registration(to, expires)
        return self.send_request(proven(again, response, login or self.login), to).until_final(PATIENCE)

    def register_everywhere(self) -> list[Message]:
        return [self.register(gateway) for gateway in self.gateways]

    def leave(self, gateway: Address | None = None) -> Message:
        """De-register (RFC 3261 section 10.2.2)."""
        return self.register(gateway, 0)

    def _registration(self, gateway: Address, expires: int) -> Message:
        """With the next CSeq of the Call-ID that this PBX has for that gateway."""
        with self._lock:
            call_id, tag, cseq = self._registrations.get(gateway, (token(), token(), 0))
            self._registrations[gateway] = (call_id, tag, cseq + 1)
        identity = f"<sip:{self.login.username}@{self.domain}>"
        more = (("Contact", self.contact), ("Expires", str(expires)))
        return self.message("REGISTER", f"sip:{self.domain}", identity, identity, call_id, tag, cseq + 1, more)

    def message(
        self,
        method: str,
        uri: str,
        sender: str,
        to: str,
        call_id: str,
        tag: str,
        cseq: int,
        more: Iterable[tuple[str, str]] = (),
    ) -> Message:
        headers = [
            ("Via", f"SIP/2.0/UDP {self.via};rport;branch=z9hG4bK{token()}"),
            ("Max-Forwards", "70"),
            ("From", f"{sender};tag={tag}"),
            ("To", to),
            ("Call-ID", call_id),
            ("CSeq", f"{cseq} {method}"),
        ]
        if self.user_agent is not None:
            headers.append(("User-Agent", self.user_agent))
        return Message(f"{method} {uri} SIP/2.0", (*headers, *more))

    def options(self, gateway: Address | None = None) -> Exchange:
        """Qualify the trunk."""
        identity = f"<sip:{self.login.username}@{self.domain}>"
        request = self.message("OPTIONS", f"sip:{self.domain}", identity, identity, token(), token(), 1)
        return self.send_request(request, gateway or self.gateway)

    # Calling

    def dial(self, dialled: str, **changes: Any) -> Dial:
        """What `call` sends; the keywords are those of `Dial`."""
        targets = [self.gateway] if self.locator is None else self.locator.targets(self.domain)
        return replace(Dial(dialled, targets, login=self.login, domain=self.domain), **changes)

    def call(self, dialled: str = "+12125550123", **changes: Any) -> OutgoingCall:
        return self.place(self.dial(dialled, **changes))

    def call_many(
        self, dialled: Sequence[str], at: Sequence[float] | None = None, **changes: Any
    ) -> list[OutgoingCall]:
        """All at this instant, or call k `at[k]` seconds from now; the list fills as they begin."""
        dials = [self.dial(number, **changes) for number in dialled]
        calls: list[OutgoingCall] = []
        self.do(lambda: self._schedule(dials, at, calls))
        return calls

    def _schedule(self, dials: Sequence[Dial], at: Sequence[float] | None, calls: list[OutgoingCall]) -> None:
        for index, dial in enumerate(dials):
            if at is None:
                self._begin_one(dial, calls)
            else:
                self.later(at[index], partial(self._begin_one, dial, calls))

    def call_in_turn(self, dialled: Sequence[str], apart: float, **changes: Any) -> list[OutgoingCall]:
        """One after the other, at least `apart` seconds between two: a stall slows them and bunches none."""
        dials = [self.dial(number, **changes) for number in dialled]
        calls: list[OutgoingCall] = []
        self.do(lambda: self._begin_next(iter(dials), apart, calls))
        return calls

    def _begin_next(self, dials: Iterator[Dial], apart: float, calls: list[OutgoingCall]) -> None:
        dial = next(dials, None)
        if dial is not None:
            self._begin_one(dial, calls)
            self.later(apart, partial(self._begin_next, dials, apart, calls))

    def _begin_one(self, dial: Dial, calls: list[OutgoingCall]) -> None:
        calls.append(self._place(dial))

    def hang_up_all(self, calls: Iterable[OutgoingCall] | None = None) -> None:
        """A BYE for each call of these (or of all) that is talking, a CANCEL for each that is not yet."""
        self.leave_all(self.placed if calls is None else calls)


def proven(message: Message, challenge: Message, login: Login) -> Message:
    """The request with the answer to this 401 or 407 (RFC 3261 section 22.2)."""
    asks, answers = CHALLENGES[challenge.status]
    uri = message.start.split(" ")[1]
    return message.having(answers, login.authorization(challenge.one(asks), message.method, uri, 1, token(4)))


def codes(calls: Iterable[Call]) -> dict[int, int]:
    """How often each final code came; 0 stands for none."""
    return dict(sorted(Counter(call.code or 0 for call in calls).items()))


def until_decided(calls: Sequence[OutgoingCall], count: int, seconds: float) -> None:
    """So many calls have begun, and each has been answered, refused, or given up."""
    until(
        lambda: len(calls) >= count and all(call.final or call.ended for call in calls),
        seconds,
        f"{count} calls are decided",
    )


def until_over(calls: Sequence[Call], seconds: float) -> None:
    """Each has ended, and the BYEs of this end are answered."""
    until(lambda: all(call.over for call in calls), seconds, f"{len(calls)} calls are over")
