"""Calls of which one end dies: what the gateway makes of them (O7)."""

import time
from typing import Any, NamedTuple

from tests.calls.carrier import REGIONS, Carrier
from tests.sip.caller import Pbx
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import SILENCE, answers
from tests.sip.waiting import until


class Deaths(NamedTuple):
    """Seconds until both living ends had a BYE, and until no slot was taken any more; the records of the calls."""

    bye: float
    slots: float
    records: list[dict[str, Any]]


def _answered(carrier: Carrier, pbx: Pbx) -> OutgoingCall:
    call = pbx.call(carrier.subscriber(answers()))
    call.until_answered()
    return call


def both_ends_die(carrier: Carrier) -> Deaths:
    """A PBX in one region, a core in the other, at the same time. They stay dead."""
    first, second = carrier.pbx("nw1"), carrier.pbx("se1")
    left, right = _answered(carrier, first), _answered(carrier, second)
    there, core = carrier.cores["nw1"].calls[-1], carrier.cores["se1"]
    began = time.monotonic()
    first.silence()
    core.within["OPTIONS"] = core.within["BYE"] = SILENCE
    until(lambda: there.bye and right.bye, 60, "the living sides get a BYE")
    bye = time.monotonic() - began
    for region in REGIONS:
        carrier.until_free(region)
    slots = time.monotonic() - began
    return Deaths(bye, slots, [carrier.cdr(call.call_id) for call in (left, right)])
