"""What takes minutes at a call a second, all of it at once: O2's pace, and a PBX that follows SRV (RFC 3263)."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest

from kemi.pace import spend
from tests.calls.carrier import REGIONS, Carrier
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.figures import Figures
from tests.sip.nameserver import Locator, NameServer
from tests.sip.network import Network
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers

SECONDS = 120


@dataclass(frozen=True)
class Paced:
    """Calls of three PBXs. `steady`: call k at k seconds ± 100 ms; `fast`: two a second for a minute, in one region;
    `both`: two a second over both regions, 200 calls that stay.
    """

    steady: list[OutgoingCall]
    fast: list[OutgoingCall]
    both: list[OutgoingCall]
    pbx: Pbx


@pytest.fixture(scope="module")
def names(carrier: Carrier, network: Network) -> Iterator[NameServer]:
    server = NameServer((network.address(), 53))
    server.publish("example.net", dict(zip(REGIONS, carrier.service.regions, strict=True)))
    yield server
    server.close()


@pytest.fixture(scope="module")
def paced(carrier: Carrier, names: NameServer) -> Paced:
    brief, long = carrier.subscriber(answers(hold=0.2)), carrier.subscriber(answers(ring=None))
    jitter = random.Random(7)
    moments = [0.2 + k + jitter.uniform(-0.1, 0.1) for k in range(SECONDS)]
    half = [0.5 * k for k in range(200)]
    follower = carrier.pbx(locator=Locator((names.address, names.port)))
    steady = carrier.pbx().call_many([brief] * SECONDS, at=moments)
    fast = carrier.pbx().call_many([brief] * 120, at=half[:120])
    both = follower.call_many([long] * 200, at=half, caller=follower.login.username)
    for calls, count in ((fast, 120), (both, 200), (steady, SECONDS)):
        until_decided(calls, count, SECONDS + 20)
    return Paced(steady, fast, both, follower)


def test_O2_call_k_at_k_seconds_with_jitter_loses_none(paced: Paced) -> None:
    """On a machine that stalls, a call leaves later than it should: then the pace of those that left is what counts."""
    began = sorted(call.started for call in paced.steady)
    on_time = all(abs(moment - began[0] - k) <= 0.3 for k, moment in enumerate(began))
    accepted = codes(paced.steady).get(200, 0)
    assert accepted == SECONDS if on_time and max(_gaps(began)) <= 1.2 else accepted >= _let_through(began) - 1


def _gaps(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(moments)]


def _let_through(moments: list[float]) -> int:
    due, count = 0, 0
    for moment in moments:
        following = spend(due, round(moment * 1000))
        if following is not None:
            due, count = following, count + 1
    return count


def test_O2_of_two_calls_a_second_one_is_accepted(paced: Paced) -> None:
    assert codes(paced.fast)[200] in (60, 61)
    assert {call.retry_after for call in paced.fast if call.code == 503} == {1}


def test_O3_two_calls_a_second_and_200_at_once_over_both_regions(
    carrier: Carrier, paced: Paced, figures: Figures
) -> None:
    """The region that has no room, or is asked too soon, sends the call on with its 503."""
    user = paced.pbx.login.username
    assert codes(paced.both) == {200: 200}
    assert [carrier.tally[region].counts[user] for region in REGIONS] == [100, 100]
    figures.measured("calls of 200 that a 503 sent on to the other region", sum(bool(c.refusals) for c in paced.both))
    following = paced.pbx.call(carrier.subscriber(), caller=user)
    following.until_ended()
    assert (following.code, Counter(each.status for each in following.refusals)) == (503, {503: 2})
    paced.pbx.hang_up_all()
    until_over(paced.both, 30)
    for region in REGIONS:
        carrier.until_free(region)


def test_O2_of_ten_calls_at_once_one_is_accepted(carrier: Carrier) -> None:
    pbx = carrier.pbx()
    calls = pbx.call_many([carrier.subscriber(answers())] * 10)
    until_decided(calls, 10, 10)
    assert codes(calls) == {200: 1, 503: 9}
    assert {call.retry_after for call in calls if call.code == 503} == {1}
    pbx.hang_up_all()
