"""The chapters of the story in which somebody calls."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from api.cli.client import Row
from api.demo.core import Core
from api.demo.patience import NotAsToldError
from api.demo.pbx import Message, Pbx
from api.demo.places import Region
from api.demo.stage import Record, Stage
from api.demo.telling import meaning

TALK: Final = 1.2
"""Seconds that a call lasts."""
PACKETS: Final = 25
"""Half a second of speech in each direction."""
PACE: Final = 1.2
"""Seconds after which rule O2 has nothing against the next call of a PBX."""
PATIENCE: Final = 10
"""Seconds for what takes a fraction of one."""


@dataclass(frozen=True)
class Call:
    """A call out that is up."""

    pbx: Pbx
    region: Region
    core: Core
    dialled: str
    since: float
    """On time.monotonic()."""

    @property
    def way(self) -> tuple[str, str, str]:
        """Who passes its messages on to whom."""
        return self.pbx.name, self.region.name, self.core.name


def out(on: Stage) -> None:
    """A PBX calls out through each region."""
    on.teller.chapter("A PBX calls out, through each region")
    for region in on.regions:
        call = _call_out(on, on.pbxs[0], region)
        if region is on.regions[0]:
            _tell_speech(on, call)
            _tell_live(on)
        _hang_up(on, call)


def _call_out(on: Stage, pbx: Pbx, region: Region) -> Call:
    dialled = on.numbers.pop()
    pbx.call(region, dialled)
    return _answered(on, pbx, region, dialled)


def _answered(on: Stage, pbx: Pbx, region: Region, dialled: str) -> Call:
    core = on.cores[region.name]
    on.patience.until(lambda: pbx.answered(dialled), PATIENCE, f"{pbx.name}'s call through {region.name} is answered")
    call = Call(pbx, region, core, dialled, time.monotonic())
    tenant = core.tenant_of(dialled)
    if tenant != on.customer.account:
        raise NotAsToldError(f"{core.name} must see X-Tenant: {on.customer.account}, and sees {tenant}")
    answers = meaning(pbx.codes_of_call(dialled))
    on.teller.said(call.way, f"INVITE {dialled}", answers, f"The core is told whose call it is: X-Tenant: {tenant}")
    return call


def _tell_speech(on: Stage, call: Call) -> None:
    here, there = call.pbx.address, call.core.address
    on.patience.until(lambda: call.pbx.hears(there, PACKETS), PATIENCE, f"{call.pbx.name} hears the core")
    on.teller.happened("they hear each other", f"Speech (RTP) goes straight between {here} and {there}.")


def _tell_live(on: Stage) -> Row:
    """The customer's only live call."""
    row = on.patience.until(lambda: _live(on), PATIENCE, "GET /v1/calls lists the answered call")[0]
    on.teller.happened(
        f"call {row['id']} is listed: {row['direction']}, {row['state']}, {row['caller']} to {row['callee']}",
        try_it="call list",
    )
    return row


def _live(on: Stage) -> list[Row]:
    rows = list(on.client.rows("calls", tenant=on.customer.account))
    return rows if len(rows) == 1 and rows[0]["state"] == "answered" else []


def _hang_up(on: Stage, call: Call) -> None:
    on.patience.wait(call.since + TALK)
    call.pbx.hang_up()
    on.patience.until(lambda: call.core.was_left(call.dialled), PATIENCE, f"{call.core.name} gets the BYE")
    on.teller.said(call.way, "BYE", "200 OK: the call is over, its channel is free again")
    on.expected.append(Record(call.dialled, 200, "caller"))


def refused(on: Stage) -> None:
    """Rule O2. The two may overtake each other on their way."""
    on.teller.chapter("A refusal, explained: two calls within one second")
    pbx, region = on.pbxs[0], on.regions[0]
    on.patience.wait(time.monotonic() + PACE)
    dialled = [on.numbers.pop(), on.numbers.pop()]
    for number in dialled:
        pbx.call(region, number)
    late = on.patience.until(lambda: [one for one in dialled if pbx.refusals(one)], PATIENCE, "one is refused")[0]
    dialled.remove(late)
    call = _answered(on, pbx, region, dialled[0])
    refusal = pbx.refusals(late)[0]
    on.teller.said(call.way[:2], f"INVITE {late}", f"{meaning(pbx.codes_of_call(late))}, {_retry(refusal)}")
    if call.core.tenant_of(late) is not None:
        raise NotAsToldError(f"a refused call to {late} reached {call.core.name}")
    event = on.patience.until(lambda: _events(on, pbx), PATIENCE, "the refusal's event")[0]
    on.teller.happened(f"the event says why (rule {event['rule']})", event["sentence"], try_it="event list")
    on.expected.append(Record(late, 503, "gateway"))
    _hang_up(on, call)


def _retry(refusal: Message) -> str:
    if refusal["code"] != 503 or refusal["retry_after"] is None:
        raise NotAsToldError(f"a call too early gets 503 with Retry-After, not {refusal['code']}")
    return f"Retry-After: {refusal['retry_after']}; the core hears nothing of it"


def _events(on: Stage, pbx: Pbx) -> list[Row]:
    return list(on.client.rows("events", 1, credential=pbx.login.username, rule="O2"))


def inward(on: Stage) -> None:
    """Each number is called twice: once for each region (rule I3)."""
    on.teller.chapter("The carrier calls in, over both regions in turn")
    for pbx, region in zip(on.pbxs, on.regions, strict=True):
        ways = {_call_in(on, pbx, region) for _ in on.regions}
        if len(ways) != len(on.regions):
            raise NotAsToldError(f"both calls to {pbx.name} came through {ways.pop()}")


def _call_in(on: Stage, pbx: Pbx, region: Region) -> str:
    """The region through which the call reached the PBX."""
    core, known = on.cores[region.name], len(pbx.received())
    calling = core.call(region.address, pbx.number, on.numbers[0], TALK)
    got = on.patience.until(lambda: pbx.received()[known:], PATIENCE, f"the call to {pbx.number} reaches {pbx.name}")[0]
    on.patience.until(lambda: ["200"] in calling.log(), PATIENCE, f"{pbx.name} answers")
    last = next(each.name for each in on.regions if each.peer == got["peer"])
    _tell_call_in(on, (core.name, region.name, last, pbx.name), pbx.number, calling.codes())
    on.patience.until(lambda: pbx.was_left(got["call"]), PATIENCE, f"the core's BYE reaches {pbx.name}")
    on.patience.until(lambda: ["BYE", "200"] in calling.log(), PATIENCE, "the core's BYE is answered")
    on.expected.append(Record(pbx.number, 200, "caller"))
    return last


def _tell_call_in(on: Stage, way: tuple[str, str, str, str], number: str, codes: list[int]) -> None:
    core, first, last, pbx = way
    turn = f"It is {first}'s turn." if first == last else f"It is {last}'s turn, so {first} hands the call over."
    hops = (core, first, pbx) if first == last else way
    on.teller.said(hops, f"INVITE {number}", f"{meaning(codes)}. {turn}")


def ended(on: Stage) -> None:
    """A call is ended by DELETE."""
    on.teller.chapter("The carrier ends a call")
    call = _call_out(on, on.pbxs[1], on.regions[1])
    row = _tell_live(on)
    on.patience.wait(call.since + TALK)
    on.client.delete(f"calls/{row['id']}")
    on.teller.happened(f"DELETE /v1/calls/{row['id']}", try_it=f"call end {row['id']}")
    pbx, region, core = call.pbx, call.region, call.core
    sip_call = pbx.sent(call.dialled) or ""
    on.patience.until(lambda: pbx.was_left(sip_call) and core.was_left(call.dialled), PATIENCE, "both sides get a BYE")
    for other in (pbx, core):
        on.teller.said((region.name, other.name), "BYE", "200 OK")
    on.expected.append(Record(call.dialled, 200, "administrator"))
