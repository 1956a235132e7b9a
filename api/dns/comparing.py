"""Decides what is wrong with what one name server says: pure, from its replies and the data (rules D1 and D2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from api.dns.asking import SILENT, Question, Replies, Reply, Server
from api.dns.records import Place, host_name, origin, service_name, service_record
from kemi.wording import clean

Kind = Literal["missing", "surplus", "wrong", "unanswered"]
NO_AUTHORITY: Final = "no authority"
MOST_STRANGERS: Final = 8
"""Targets that are no region, of which nobody wants to read hundreds."""
ANSWERS: Final = ("NOERROR", "NXDOMAIN")
STATES: Final = {"draining": "it is draining", "out": "it is out of service"}


@dataclass(frozen=True)
class Wanted:
    """What is compared with: `ttl` in seconds, `serial` of the newest stored zone, if there is one."""

    domain: str
    ttl: int
    places: Sequence[Place]
    serial: int | None
    name_servers: Sequence[str]

    @property
    def questions(self) -> list[Question]:
        """All that one server is asked."""
        hosts = [Question(host_name(place["name"], self.domain), "A") for place in self.places]
        return [self.soa, self.service, *hosts]

    @property
    def soa(self) -> Question:
        """Of the zone itself."""
        return Question(origin(self.domain), "SOA")

    @property
    def service(self) -> Question:
        """Of the regions in service."""
        return Question(service_name(self.domain), "SRV")


class Finding(NamedTuple):
    """A difference, without the server at which it is; `fault` is what is to be seen there."""

    kind: Kind
    name: str
    expected: str | None
    answered: str | None
    region: str | None
    fault: str


def findings(server: Server, replies: Replies, wanted: Wanted) -> list[Finding]:
    """All that is wrong there; one finding for all when the server knows nothing of the zone."""
    known = {question: _honest(server, reply) for question, reply in replies.items()}
    if len(codes := {reply.code for reply in known.values()}) == 1 and not codes & set(ANSWERS):
        return [_unanswered(wanted.soa, codes.pop())]
    if {reply.code for reply in known.values()} == {"NXDOMAIN"}:
        return [_absent(wanted)]
    silent = [_unanswered(question, reply.code) for question, reply in known.items() if reply.code not in ANSWERS]
    heard = {question: reply for question, reply in known.items() if reply.code in ANSWERS}
    return [*silent, *_services(heard, wanted), *_hosts(heard, wanted), *_ttls(heard, wanted)]


def served_serial(replies: Replies, wanted: Wanted) -> int | None:
    """The serial of the zone there; None when there is none, or it is somebody else's zone."""
    for value in replies[wanted.soa].values:
        primary, _, serial, *_ = value.split()
        if primary.rstrip(".") == wanted.name_servers[0]:
            return int(serial)
    return None


def is_older(serial: int, than: int) -> bool:
    """Serials wrap around (RFC 1982 section 3.2)."""
    return serial != than and (than - serial) % 2**32 < 2**31


def _honest(server: Server, reply: Reply) -> Reply:
    """A name server that hands on, or refers to another, does not serve the zone itself."""
    if server.authoritative and reply.code in ANSWERS and not reply.authoritative:
        return Reply(NO_AUTHORITY)
    return reply


def _unanswered(question: Question, code: str) -> Finding:
    name, kind = question
    fault = {
        SILENT: f"nothing is answered about {name} ({kind})",
        NO_AUTHORITY: f"the zone {name} is not loaded, and the question is referred to others",
    }.get(code, f"the question about {name} ({kind}) is answered by {code}")
    return Finding("unanswered", name, None, None if code == SILENT else code, None, fault)


def _absent(wanted: Wanted) -> Finding:
    name = origin(wanted.domain)
    fault = f"nothing of {name} is known (NXDOMAIN), so no PBX finds any region"
    return Finding("missing", name, "a zone", "NXDOMAIN", None, fault)


def _services(heard: Replies, wanted: Wanted) -> Iterator[Finding]:
    if wanted.service not in heard:
        return
    found = [_split(value) for value in heard[wanted.service].values]
    for place in wanted.places:
        own = [text for target, text in found if target == _target(place, wanted)]
        yield from _service(place, own, wanted)
    known = {_target(place, wanted) for place in wanted.places}
    strange = [(target, text) for target, text in found if target not in known]
    for target, text in strange[:MOST_STRANGERS]:
        fault = f"SRV {wanted.service.name} names {clean(target)}, which is no region of this service"
        yield Finding("surplus", wanted.service.name, None, clean(text), None, fault)


def _split(value: str) -> tuple[str, str]:
    """A record's target, and all of it; whoever served it may have written anything."""
    text = value.lower()
    return text.rpartition(" ")[2].rstrip("."), text


def _target(place: Place, wanted: Wanted) -> str:
    return host_name(place["name"], wanted.domain).lower()


def _service(place: Place, own: Sequence[str], wanted: Wanted) -> Iterator[Finding]:
    region, name = str(place["name"]), wanted.service.name
    right = service_record(wanted.domain, region).data.lower()
    if place["state"] != "in-service":
        for text in own:
            fault = f"SRV {name} still names {region}, though {STATES[place['state']]}, so PBXs still register there"
            yield Finding("surplus", name, None, text, region, fault)
    elif not own:
        fault = f"SRV {name} does not name {region}, so PBXs do not find that region"
        yield Finding("missing", name, right, None, region, fault)
    elif right not in own:
        fault = f"SRV {name} has for {region} the wrong record {', '.join(own)}, so PBXs go astray"
        yield Finding("wrong", name, right, ", ".join(own), region, fault)
    else:
        for text in own:
            if text != right:
                yield Finding("surplus", name, right, text, region, f"SRV {name} names {region} twice, also as {text}")


def _hosts(heard: Replies, wanted: Wanted) -> Iterator[Finding]:
    for place in wanted.places:
        question = Question(host_name(place["name"], wanted.domain), "A")
        if question in heard:
            yield from _host(place, question.name, heard[question].values)


def _host(place: Place, name: str, addresses: Sequence[str]) -> Iterator[Finding]:
    region, right, answered = str(place["name"]), str(place["address"]), ", ".join(addresses) or None
    if place["state"] == "out":
        if addresses:
            fault = f"{name} still has the address {answered}, though {region} is out of service"
            yield Finding("surplus", name, None, answered, region, fault)
    elif not addresses:
        yield Finding(
            "missing", name, right, None, region, f"{name} has no address, so no PBX reaches {region} by name"
        )
    elif right not in addresses:
        fault = f"{name} has the address {answered}, and {region} is at {right}"
        yield Finding("wrong", name, right, answered, region, fault)
    elif len(addresses) > 1:
        others = ", ".join(address for address in addresses if address != right)
        yield Finding(
            "surplus", name, right, others, region, f"{name} has besides {right} also {others}, which is not {region}"
        )


def _ttls(heard: Replies, wanted: Wanted) -> Iterator[Finding]:
    """A longer one keeps PBXs from a change."""
    for (name, kind), reply in heard.items():
        if kind != "SOA" and reply.ttl is not None and reply.ttl > wanted.ttl:
            fault = f"{name} ({kind}) may be kept for {reply.ttl} s and not {wanted.ttl} s, so changes come late"
            yield Finding("wrong", name, f"TTL {wanted.ttl}", f"TTL {reply.ttl}", None, fault)
