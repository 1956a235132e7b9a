"""A PBX that follows SRV (RFC 3263): both regions' channels and both regions' pace are its own (rule O3)."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.calls.carrier import REGIONS, Carrier
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.figures import Figures
from tests.sip.nameserver import Locator, NameServer
from tests.sip.network import Network
from tests.sip.scripts import answers

SECONDS = 100


@pytest.fixture
def names(carrier: Carrier, network: Network) -> Iterator[NameServer]:
    server = NameServer((network.address(), 53))
    server.publish("example.net", dict(zip(REGIONS, carrier.service.regions, strict=True)))
    yield server
    server.close()


@pytest.fixture
def pbx(carrier: Carrier, names: NameServer) -> Pbx:
    return carrier.pbx(locator=Locator((names.address, names.port)))


def test_O3_two_calls_a_second_and_200_at_once_over_both_regions(carrier: Carrier, pbx: Pbx, figures: Figures) -> None:
    """A call every half second, each until the end: the region that has no room or is asked too soon sends it on."""
    dialled = carrier.subscriber(answers(ring=None))
    calls = pbx.call_many([dialled] * (2 * SECONDS), at=[0.5 * k for k in range(2 * SECONDS)])
    until_decided(calls, 2 * SECONDS, SECONDS + 20)
    assert codes(calls) == {200: 200}
    assert [carrier.tally[region].counts[caller_of(pbx)] for region in REGIONS] == [100, 100]
    figures.measured("calls that were sent on to the other region by a 503", sum(bool(call.refusals) for call in calls))
    following = pbx.call(dialled)
    following.until_ended()
    assert (following.code, Counter(each.status for each in following.refusals)) == (503, {503: 2})
    pbx.hang_up_all()
    until_over(calls, 30)
    for region in REGIONS:
        carrier.until_free(region)


def caller_of(pbx: Pbx) -> str:
    return pbx.dial("").caller
