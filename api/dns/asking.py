"""Questions to name servers, many at the same time, each with an end (RFC 1035)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
from dns.rrset import RRset

PORT: Final = 53
SILENT: Final = "nothing"
FIRST_TRY: Final = 0.4
"""The part of the time after which a question is sent again: a datagram may be lost."""


class Question(NamedTuple):
    """A name without its final dot, and a type such as SRV."""

    name: str
    kind: str


@dataclass(frozen=True)
class Server:
    """A name server. `authoritative`: it is asked for what it serves itself, and not to find out."""

    label: str
    address: str
    port: int = PORT
    authoritative: bool = False


@dataclass(frozen=True)
class Reply:
    """What came: `code` is NOERROR, NXDOMAIN, SERVFAIL, REFUSED … (RFC 1035 section 4.1.1), or `SILENT`.

    `values` are the data of the records that were asked for, as a zone file writes them; `ttl` is in seconds.
    """

    code: str
    values: tuple[str, ...] = ()
    ttl: int | None = None
    authoritative: bool = False


NOTHING: Final = Reply(SILENT)
Replies = Mapping[Question, Reply]


def parsed_server(text: str) -> Server:
    """A server from "address" or "address#port". Errors: ValueError."""
    address, _, port = text.partition("#")
    return Server(text, address, int(port) if port else PORT)


def own_resolvers() -> list[str]:
    """Those of this machine (resolv.conf); none when it has none."""
    try:
        return [str(each) for each in dns.resolver.Resolver().nameservers]
    except dns.resolver.NoResolverConfiguration:
        return []


async def ask_all(servers: Iterable[Server], questions: Sequence[Question], seconds: float) -> dict[Server, Replies]:
    """Every question to every server at once; at most `seconds` in all."""
    wanted = list(servers)
    replies = await asyncio.gather(*(ask_server(server, questions, seconds) for server in wanted))
    return dict(zip(wanted, replies, strict=True))


async def ask_server(server: Server, questions: Sequence[Question], seconds: float) -> Replies:
    """All questions to one server at once."""
    found = await asyncio.gather(*(ask(server, question, seconds) for question in questions))
    return dict(zip(questions, found, strict=True))


async def ask(server: Server, question: Question, seconds: float) -> Reply:
    """One question; asked again once when nothing comes."""
    for part in (FIRST_TRY, 1 - FIRST_TRY):
        try:
            async with asyncio.timeout(seconds * part):
                return await _once(server, question)
        except (TimeoutError, OSError, EOFError, dns.exception.DNSException):
            continue
    return NOTHING


async def _once(server: Server, question: Question) -> Reply:
    query = dns.message.make_query(question.name, question.kind, use_edns=True)
    if server.authoritative:
        query.flags &= ~dns.flags.RD
    answer, _ = await dns.asyncquery.udp_with_fallback(
        query, server.address, port=server.port, ignore_unexpected=True, ignore_errors=True
    )
    return _reply(answer, question)


def _reply(answer: dns.message.Message, question: Question) -> Reply:
    found = _records(answer, dns.rdatatype.from_text(question.kind))
    return Reply(
        dns.rcode.to_text(answer.rcode()),
        tuple(sorted(record.to_text() for record in found or ())),
        found.ttl if found else None,
        bool(answer.flags & dns.flags.AA),
    )


def _records(answer: dns.message.Message, kind: dns.rdatatype.RdataType) -> RRset | None:
    """Those that were asked for, also at the end of aliases (CNAME)."""
    return next((each for each in answer.answer if each.rdtype == kind), None)
