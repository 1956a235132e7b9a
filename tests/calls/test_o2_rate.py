"""O2: one call a second, with tolerance for jitter; and O4: emergency calls pass."""

import random

from tests.calls.carrier import Carrier
from tests.sip.caller import codes, until_decided
from tests.sip.scripts import answers, rings
from tests.sip.waiting import until


def test_O2_of_ten_calls_at_once_one_is_accepted(carrier: Carrier) -> None:
    pbx = carrier.pbx()
    calls = pbx.call_many([carrier.subscriber(answers())] * 10)
    until_decided(calls, 10, 10)
    assert codes(calls) == {200: 1, 503: 9}
    assert {call.retry_after for call in calls if call.code == 503} == {1}
    pbx.hang_up_all()


def test_O2_call_k_at_k_seconds_with_jitter_loses_none_and_two_a_second_lose_half(carrier: Carrier) -> None:
    """Two minutes, and within them the minute of the fast one."""
    steady, fast = carrier.pbx(), carrier.pbx()
    jitter = random.Random(7)
    moments = [0.2 + k + jitter.uniform(-0.1, 0.1) for k in range(120)]
    brief = carrier.subscriber(answers(hold=0.2))
    calls = steady.call_many([brief] * 120, at=moments)
    doubled = fast.call_many([brief] * 120, at=[0.5 * k for k in range(120)])
    until_decided(calls, 120, 140)
    assert codes(calls) == {200: 120}
    assert codes(doubled)[200] in (60, 61)


def test_O4_emergency_calls_pass_when_all_channels_are_taken(crowd: Carrier) -> None:
    pbx = crowd.pbx()
    held = pbx.call_many([crowd.subscriber(rings())] * 101)
    until(
        lambda: codes(held).get(503) == 1 and sum(call.rang is not None for call in held) == 100, 20, "100 calls ring"
    )
    crowd.expect("911", answers())
    urgent = pbx.call_many(["911"] * 10)
    until_decided(urgent, 10, 20)
    assert codes(urgent) == {200: 10}
    eleventh = pbx.call("911")
    eleventh.until_ended()
    assert (eleventh.code, bool(eleventh.retry_after)) == (503, True)
    pbx.hang_up_all()
    crowd.until_free("nw1")
