"""Compares what resolvers and name servers answer with what should be, and says what to do (rules D1 and D2)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Final

from api.dns.advising import advice_on
from api.dns.asking import SILENT, Question, Replies, Server, ask_all, own_resolvers, parsed_server
from api.dns.comparing import Finding, Kind, Wanted, findings, is_older, served_serial

MOST_ADDRESSES: Final = 16
"""Of a domain's name servers: so many are asked themselves."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it should be.

    `name` is the DNS name, `region` whom it concerns (None: all); `expected` and `answered` are records as a zone
    file writes them, or None for none. `sentence` says what is wrong, where, and what to do; `fault` says only
    the first.
    """

    kind: Kind
    name: str
    expected: str | None
    answered: str | None
    region: str | None
    sentence: str
    fault: str = ""


Answered = dict[Server, Replies]


def examine(
    domain: Mapping[str, Any],
    places: Sequence[Mapping[str, Any]],
    resolvers: Sequence[str],
    seconds: float = 1.0,
    serial: int | None = None,
) -> list[Difference]:
    """What is wrong with `domain` (name, name_servers, ttl) in DNS; nothing when all is right.

    `places` are the regions: name, address, state. `resolvers` are "address" or "address#port"; none: this machine's.
    They are asked at once, for at most `seconds`; then the name servers themselves, for as long again. `serial` is that
    of the newest stored zone. Errors: ValueError for a resolver that is no address.
    """
    asked = list(resolvers) or own_resolvers()
    wanted = Wanted(domain["name"], domain["ttl"], places, serial, domain["name_servers"])
    if not asked:
        return [_without_resolver(wanted)]
    return asyncio.run(_examined(wanted, [parsed_server(each) for each in asked], seconds))


def _without_resolver(wanted: Wanted) -> Difference:
    sentence = "This machine has no resolver: name one in the setting resolvers, or in /etc/resolv.conf."
    return Difference("unanswered", wanted.service.name, None, None, None, sentence)


async def _examined(wanted: Wanted, resolvers: Sequence[Server], seconds: float) -> list[Difference]:
    names = [Question(name, "A") for name in wanted.name_servers]
    answered = await ask_all(resolvers, [*wanted.questions, *names], seconds)
    servers, lost = _name_servers(wanted, answered)
    served = await ask_all(servers, wanted.questions, seconds)
    return [*_without_address(wanted, lost), *_differences(wanted, _own(answered, wanted), served)]


def _own(answered: Answered, wanted: Wanted) -> Answered:
    """What was answered of the zone, without that of the name servers' addresses."""
    return {server: {each: replies[each] for each in wanted.questions} for server, replies in answered.items()}


def _name_servers(wanted: Wanted, answered: Answered) -> tuple[list[Server], list[str]]:
    """The domain's name servers at their addresses, and those that have none."""
    servers: dict[Server, None] = {}
    lost = []
    for name in wanted.name_servers:
        found = {address for replies in answered.values() for address in replies[Question(name, "A")].values}
        heard = any(replies[Question(name, "A")].code != SILENT for replies in answered.values())
        if heard and not found:
            lost.append(name)
        for address in sorted(found, key=IPv4Address):
            servers[Server(f"{name} ({address})", address, authoritative=True)] = None
    return list(servers)[:MOST_ADDRESSES], lost


def _without_address(wanted: Wanted, lost: Sequence[str]) -> list[Difference]:
    return [
        Difference(
            "missing", name, "an address", None, None,
            f"The name server {name} of {wanted.domain} has no address: add its A record where {name} is kept,"
            " or name another server in the domain.",
            f"the name server {name} of {wanted.domain} has no address",
        )
        for name in lost
    ]  # fmt: skip


def _differences(wanted: Wanted, answered: Answered, served: Answered) -> list[Difference]:
    """Those of all servers; one that several have is told once."""
    places: dict[tuple[Finding, str], list[str]] = {}
    right = any(not findings(server, replies, wanted) for server, replies in served.items())
    for server, replies in {**answered, **served}.items():
        for finding in [*findings(server, replies, wanted), *_serial(server, replies, wanted, bool(served))]:
            advice = advice_on(finding, server, served_serial(replies, wanted), wanted, right)
            places.setdefault((finding, advice), []).append(server.label)
    return [
        Difference(*finding[:-1], f"At {' and '.join(labels)}: {finding.fault}; {advice}.", finding.fault)
        for (finding, advice), labels in places.items()
    ]


def _serial(server: Server, replies: Replies, wanted: Wanted, asked_themselves: bool) -> list[Finding]:
    """An old zone. A resolver may have it for a while; its own servers may not."""
    serial = served_serial(replies, wanted)
    if serial is None or wanted.serial is None or not is_older(serial, wanted.serial):
        return []
    if asked_themselves and not server.authoritative:
        return []
    fault = f"the zone {wanted.soa.name} has the old serial {serial}, and {wanted.serial} is the newest"
    return [Finding("wrong", wanted.soa.name, f"serial {wanted.serial}", f"serial {serial}", None, fault)]
