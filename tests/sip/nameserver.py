"""A name server for tests, and a PBX's way to find its gateways through it (RFC 3263, RFC 2782)."""

import random
import time
from collections.abc import Iterable, Mapping
from typing import Any

from dnslib import QTYPE, RCODE, RR, SRV, A, DNSRecord

from tests.sip.endpoint import Address, Endpoint

Record = tuple[str, str, Any]
TTL = 60


class NameServer(Endpoint):
    """Answers for its own records, over UDP; any other name does not exist. `asked` keeps the questions."""

    def __init__(self, address: Address) -> None:
        self._records: dict[tuple[str, str], list[Any]] = {}
        self._names: set[str] = set()
        self.asked: list[tuple[str, str]] = []
        super().__init__(address)

    def add(self, records: Iterable[Record]) -> None:
        """Records as (name, type, rdata of dnslib)."""
        for name, kind, data in records:
            self._records.setdefault((name.lower(), kind), []).append(data)
            self._names.add(name.lower())

    def publish(self, domain: str, regions: Mapping[str, Address]) -> None:
        """The records of rule D1, in place of those that this domain had."""
        service = f"_sip._udp.reg.{domain}"
        self._records.pop((service, "SRV"), None)
        for name, (host, port) in regions.items():
            target = f"{name}.reg.{domain}"
            self._records.pop((target, "A"), None)
            self.add([(service, "SRV", SRV(10, 10, port, target)), (target, "A", A(host))])

    def datagram(self, data: bytes, source: Address) -> None:
        question = DNSRecord.parse(data)
        name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
        self.asked.append((name, kind))
        reply = question.reply()
        for record in self._records.get((name, kind), []):
            reply.add_answer(RR(question.q.qname, question.q.qtype, rdata=record, ttl=TTL))
        if name not in self._names:
            reply.header.rcode = RCODE.NXDOMAIN
        self.send(reply.pack(), source)


class Locator:
    """Finds the servers of a domain: SRV by priority and weight, then the addresses; remembered for their TTL."""

    def __init__(self, server: Address, seed: int = 0) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self._remembered: dict[tuple[str, str], tuple[float, list[Any]]] = {}

    def targets(self, name: str) -> list[Address]:
        """Where to try, in this order, for one request. LookupError when the domain has no server."""
        found: list[Address] = []
        for record in self._ordered(self._ask(f"_sip._udp.{name}", "SRV")):
            found += [(str(data), record.port) for data in self._ask(str(record.target).rstrip("."), "A")]
        found = found or [(str(data), 5060) for data in self._ask(name, "A")]
        if not found:
            raise LookupError(name)
        return found

    def _ordered(self, records: list[Any]) -> list[Any]:
        """RFC 2782: the lower priority first; within it the greater weight is more likely to be first."""
        left, ordered = list(records), []
        while left:
            first = min(record.priority for record in left)
            group = [record for record in left if record.priority == first]
            chosen = self._chance.choices(group, [record.weight + 0.001 for record in group])[0]
            left.remove(chosen)
            ordered.append(chosen)
        return ordered

    def _ask(self, name: str, kind: str) -> list[Any]:
        until, known = self._remembered.get((name, kind), (0.0, []))
        if time.monotonic() < until:
            return known
        reply = DNSRecord.parse(DNSRecord.question(name, kind).send(*self._server, timeout=2))
        answers = [record.rdata for record in reply.rr if QTYPE[record.rtype] == kind]
        ttl = min((record.ttl for record in reply.rr), default=0)
        self._remembered[name, kind] = (time.monotonic() + ttl, answers)
        return answers
