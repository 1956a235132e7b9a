"""Calls through a world: a PBX or a core that dials, and the far side that answers what the gateway sent on."""

import itertools
from dataclasses import dataclass, field, replace

from kemi import tables
from kemi.calls import Call, call_key
from tests.sip import message as sip
from tests.sip.message import Message
from tests.unit.kemi.fake_ksr import Sent, Source
from tests.unit.kemi.fake_tm import Failure, Relayed
from tests.unit.kemi.world import Pbx, World

CORE = Source("127.0.17.200", 5060)
OTHER_CORE = Source("127.0.17.201", 5060)
NUMBER = "+14155550100"
_COUNT = itertools.count(1)


def with_cores(world: World, *cores: Source) -> World:
    """The region has these core gateways, and all answer."""
    rows = [("core", (f"co-{core.address}", core.address, core.port, "enabled")) for core in cores]
    world.stored(*rows)
    world.gateways[1] = [f"sip:{core.address}:{core.port}" for core in cores]
    world.boot()
    return world


def channels(world: World, key: str = "alice") -> int:
    """How many calls of a credential count."""
    return int(world.ksr.htable.sht_get(tables.CHANNELS, key) or 0)


def lines(world: World, name: str) -> list[dict[str, object]]:
    """The journal lines of calls that have this field."""
    return [line for line in world.records("c") if name in line]


@dataclass
class Line:
    """One INVITE and what came of it; its caller's tag is `f`, `b` is that of whoever answers."""

    world: World
    invite: Message
    source: Source
    reply: Sent | None = None
    sent: list[Relayed] = field(default_factory=list)

    def dial(self) -> "Line":
        """The INVITE arrives, or arrives again."""
        before = len(self.world.ksr.relayed)
        self.reply = self.world.send(self.invite, self.source)
        self.sent += self.world.ksr.relayed[before:]
        return self

    @property
    def code(self) -> int:
        """Of the gateway's own reply; 0 when the request went on."""
        return self.reply.code if self.reply is not None else 0

    @property
    def leg(self) -> Relayed:
        """The INVITE as it went out last."""
        return self.sent[-1]

    @property
    def call(self) -> Call | None:
        found = self.world.ksr.htable.sht_get(tables.CALL, call_key(self.invite.one("Call-ID"), "f"))
        return Call.decode(str(found)) if found is not None else None

    def answer(self, status: str, *, tag: str = "b", source: Source | None = None, **headers: str) -> int | None:
        """The far side answers; the code that the caller hears, None when it hears nothing."""
        heard, again = answer(self.world, self.leg, status, tag=tag, source=source, **headers)
        self.sent += again
        return heard

    def silence(self, *, canceled: bool = False) -> Sent | int | None:
        """tm gives up."""
        heard, again = fail(self.world, self.leg, Failure(408, timed_out=True, canceled=canceled))
        self.sent += again
        return heard

    def within(
        self,
        method: str,
        *,
        by_caller: bool = True,
        tag: str = "b",
        source: Source | None = None,
        **headers: str | None,
    ) -> "Line":
        """A request within the dialog."""
        where = source or (self.source if by_caller else self.leg.to)
        caller, callee = self.invite.one("From"), f"{self.invite.one('To')};tag={tag}"
        return Line(self.world, self._request(method, by_caller, caller, callee, where, headers), where).dial()

    def _request(
        self, method: str, by_caller: bool, caller: str, callee: str, where: Source, headers: dict[str, str | None]
    ) -> Message:
        number = next(_COUNT)
        known: dict[str, str | None] = {
            "Via": f"SIP/2.0/UDP {where.address}:{where.port};branch=z9hG4bKin{number}",
            "From": caller if by_caller else callee,
            "To": callee if by_caller else caller,
            "Call-ID": self.invite.one("Call-ID"),
            "CSeq": f"{1000 + number} {method}",
            "Max-Forwards": "70",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        pairs = tuple((name, value) for name, value in known.items() if value is not None)
        return Message(f"{method} sip:far@{where.address} SIP/2.0", pairs)

    def cancel(self) -> Sent | None:
        """The caller cancels its INVITE."""
        start = f"CANCEL {self.invite.start.split(' ')[1]} SIP/2.0"
        kept = tuple(
            pair for pair in self.invite.headers if pair[0] in ("Via", "From", "To", "Call-ID", "Max-Forwards")
        )
        number = self.invite.one("CSeq").split()[0]
        return self.world.send(Message(start, (*kept, ("CSeq", f"{number} CANCEL"))), self.source)


def dial(pbx: Pbx, dialled: str = "+12125550123", **headers: str | None) -> Line:
    """A PBX calls: INVITE, 407, INVITE."""
    call_id = headers.pop("Call_ID", None) or f"out-{next(_COUNT)}"
    own: dict[str, str | None] = {"Call_ID": call_id, "Contact": "<sip:pbx@10.0.0.9:5060>", **headers}
    reply = pbx.send(_to(pbx.message("INVITE", **own), dialled))
    challenge = reply.get("Proxy-Authenticate") if reply is not None else None
    if challenge is None:
        return Line(pbx.world, pbx.message("INVITE", **own), pbx.source, reply)
    return Line(pbx.world, _to(pbx.answering(challenge, "INVITE", **own), dialled), pbx.source).dial()


def _to(message: Message, dialled: str) -> Message:
    return replace(message, start=f"INVITE sip:{dialled}@sip.example.org SIP/2.0")


def answered(pbx: Pbx, dialled: str = "+12125550123", **headers: str | None) -> Line:
    """A call that is up; no earlier than a second after the one before."""
    pbx.world.clock.advance(1)
    line = dial(pbx, dialled, **headers)
    assert line.answer("200 OK", Contact="<sip:core@127.0.17.200:5060>") == 200
    return line


def call_in(
    world: World, dialled: str = NUMBER, source: Source = CORE, parameters: str = "", **headers: str | None
) -> Line:
    """A core calls, or (with `;hop=` among the parameters) another region's gateway."""
    number = next(_COUNT)
    known: dict[str, str | None] = {
        "Via": f"SIP/2.0/UDP {source.address}:{source.port};branch=z9hG4bKin{number}",
        "From": "<sip:+13035550177@carrier.example>;tag=f",
        "To": f"<sip:{dialled}@127.0.17.1>",
        "Call-ID": f"in-{number}",
        "CSeq": "1 INVITE",
        "Contact": f"<sip:{source.address}:{source.port}>",
        "Max-Forwards": "70",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    pairs = tuple((name, value) for name, value in known.items() if value is not None)
    return Line(world, Message(f"INVITE sip:{dialled}@127.0.17.1{parameters} SIP/2.0", pairs), source).dial()


def answer(
    world: World, leg: Relayed, status: str, *, tag: str = "b", source: Source | None = None, **headers: str
) -> tuple[int | None, list[Relayed]]:
    """The far side answers: what the near side hears, and what the gateway sent on instead."""
    response = sip.answer(leg.message.having("To", _tagged(leg.message.one("To"), tag)), status)
    for name, value in headers.items():
        response = response.having(name.replace("_", "-"), value)
    if not world.respond(response, source or leg.to):
        return None, []
    if response.status < 300 or leg.on_failure is None:
        return response.status, []
    heard, again = fail(world, leg, Failure(response.status))
    return (heard.code if isinstance(heard, Sent) else heard), again


def fail(world: World, leg: Relayed, failure: Failure) -> tuple[Sent | int | None, list[Relayed]]:
    """Every branch has failed, and tm runs the failure route; its own code goes back unless the route did something."""
    replies, relayed = len(world.ksr.replies), len(world.ksr.relayed)
    world.run_failure_route(leg, failure)
    if len(world.ksr.relayed) > relayed:
        return None, world.ksr.relayed[relayed:]
    return (world.ksr.replies[-1] if len(world.ksr.replies) > replies else failure.code), []


def _tagged(value: str, tag: str) -> str:
    return value if ";tag=" in value else f"{value};tag={tag}"
