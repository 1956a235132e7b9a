"""What takes minutes, all of it at once: O2's pace, a PBX that follows SRV (RFC 3263), and ends that die (O7)."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.calls.carrier import REGIONS, Carrier
from tests.calls.deaths import Deaths, both_ends_die
from tests.conftest import running
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.figures import Figures
from tests.sip.nameserver import Locator, NameServer
from tests.sip.network import Network
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers

SECONDS = 120
TOLERANCE, STALL = 0.2, 0.1
"""Seconds: two calls that are each 100 ms off; and what no call is late by, or its answer, unless the machine stalls.
Half of the former cannot make a region refuse a call.
"""


@dataclass(frozen=True)
class Paced:
    """Calls of three PBXs. `steady`: call k at k seconds ± 100 ms, of which the machine may take 5; `fast`: two a
    second for a minute, in one region; `both`: two a second over both regions, 200 calls that stay; `again`: those of
    them that were refused, once more.
    """

    steady: list[OutgoingCall]
    fast: list[OutgoingCall]
    both: list[OutgoingCall]
    again: list[OutgoingCall]
    pbx: Pbx


@pytest.fixture(scope="module")
def deaths(network: Network) -> Iterator["Future[Deaths]"]:
    """Under way, at an instance of their own."""
    for service in running("deaths"):
        with closing(Carrier(service, network)) as carrier, ThreadPoolExecutor() as pool:
            yield pool.submit(both_ends_die, carrier)


@pytest.fixture(scope="module")
def names(carrier: Carrier, network: Network) -> Iterator[NameServer]:
    server = NameServer((network.address(), 53))
    server.publish("example.net", dict(zip(REGIONS, carrier.service.regions, strict=True)))
    yield server
    server.close()


@pytest.fixture(scope="module")
def paced(carrier: Carrier, names: NameServer, deaths: "Future[Deaths]") -> Paced:
    assert deaths, "they wait meanwhile"
    brief, long = carrier.subscriber(answers(hold=0.2)), carrier.subscriber(answers(ring=None))
    jitter = random.Random(7)
    moments = [0.2 + k + jitter.uniform(-0.095, 0.095) for k in range(SECONDS)]
    follower = carrier.pbx(locator=Locator((names.address, names.port)))
    user = follower.login.username
    steady = carrier.pbx().call_many([brief] * SECONDS, at=moments)
    fast = carrier.pbx().call_in_turn([brief] * 120, 0.5)
    both = follower.call_in_turn([long] * 200, 0.5, caller=user)
    for calls, count in ((fast, 120), (both, 200), (steady, SECONDS)):
        until_decided(calls, count, SECONDS + 20)
    refused = [call for call in both if call.code != 200]
    again = follower.call_in_turn([long] * len(refused), 1.0, caller=user)
    until_decided(again, len(refused), 10 + len(refused))
    return Paced(steady, fast, both, again, follower)


def _decided(call: OutgoingCall) -> float:
    return call.answered or call.ended or call.started + 3600


def _stalls(calls: list[OutgoingCall], apart: float, late: float = STALL) -> int:
    """How many left later than `apart` after the one before, or were decided late."""
    gaps = [later.started - earlier.started - apart for earlier, later in pairwise(calls)]
    return sum(gap > late for gap in gaps) + sum(_decided(call) - call.started > late for call in calls)


def _let_through(calls: list[OutgoingCall]) -> int:
    """By the moments when they left."""
    due, count = 0.0, 0
    for call in calls:
        if call.started >= due - TOLERANCE:
            due, count = max(due, call.started) + 1, count + 1
    return count


def _none_came_early(calls: list[OutgoingCall]) -> bool:
    """Whenever between leaving and answer each of them was judged, to a millisecond."""
    due = 0.0
    for call in calls:
        if call.started < due - TOLERANCE + 0.001:
            return False
        due = max(due, _decided(call)) + 1
    return True


def test_O2_call_k_at_k_seconds_with_jitter_loses_none(paced: Paced) -> None:
    """On a machine that stalls, a call leaves later than it should: then the pace of those that left is what counts."""
    accepted = codes(paced.steady).get(200, 0)
    if _none_came_early(paced.steady):
        assert accepted == SECONDS
    else:
        assert accepted >= _let_through(paced.steady) - 1 - _stalls(paced.steady, 1.2, 0.01)


def test_O2_of_two_calls_a_second_one_is_accepted(paced: Paced) -> None:
    """60 where nothing stalls."""
    assert abs(codes(paced.fast)[200] - _let_through(paced.fast)) <= _stalls(paced.fast, 0.5)
    assert {call.retry_after for call in paced.fast if call.code != 200} == {1}


def test_O3_two_calls_a_second_and_200_at_once_over_both_regions(
    carrier: Carrier, paced: Paced, figures: Figures
) -> None:
    """The region that has no room, or is asked too soon, sends the call on with its 503. That is exactly what both let
    through: a call that a stall brings too close to the one before is refused, and accepted when it comes again.
    """
    user = paced.pbx.login.username
    refused = [call for call in paced.both if call.code != 200]
    assert len(refused) <= _stalls(paced.both, 0.5)
    assert {(call.code, call.retry_after) for call in refused} <= {(503, 1), (503, 10)}
    assert codes(paced.again).get(200, 0) == len(refused)
    assert [carrier.tally[region].counts[user] for region in REGIONS] == [100, 100]
    figures.measured("calls of 200 that a 503 sent on to the other region", sum(bool(c.refusals) for c in paced.both))
    following = paced.pbx.call(carrier.subscriber(), caller=user)
    following.until_ended()
    assert (following.code, Counter(each.status for each in following.refusals)) == (503, {503: 2})
    paced.pbx.hang_up_all()
    until_over([*paced.both, *paced.again], 30)
    for region in REGIONS:
        carrier.until_free(region)


def test_O2_of_ten_calls_at_once_one_is_accepted(carrier: Carrier) -> None:
    pbx = carrier.pbx()
    calls = pbx.call_many([carrier.subscriber(answers())] * 10)
    until_decided(calls, 10, 10)
    spread = max(map(_decided, calls)) - min(call.started for call in calls)
    accepted = codes(calls)[200]
    assert accepted <= 1 + int(spread + TOLERANCE), "more than one, and the machine did not stall"
    assert codes(calls) == {200: accepted, 503: 10 - accepted}
    assert {call.retry_after for call in calls if call.code == 503} == {1}
    pbx.hang_up_all()


def test_O7_a_side_that_has_died_ends_the_call_within_90_seconds(deaths: "Future[Deaths]", figures: Figures) -> None:
    """The slot of a dead core comes back 32 s after the BYE (O3)."""
    bye, slots, records = deaths.result(timeout=600)
    figures.measured("O7 seconds until a BYE", round(bye, 1))
    figures.measured("O7 seconds until the slot of a dead core is back", round(slots, 1))
    assert max(bye, slots) < 90
    for record in records:
        assert (record["ended_by"], record["rule"], record["code"]) == ("gateway", "O7", 200)
