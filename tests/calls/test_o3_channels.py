"""O3: at most 100 calls of a credential at once in each region; exact, and each slot comes back once."""

import pytest

from tests.calls.carrier import REGIONS, Carrier
from tests.sip.caller import Pbx, codes, until_decided, until_over
from tests.sip.figures import Figures
from tests.sip.scripts import answers, rings
from tests.sip.waiting import until

LIMIT = 100
MANY = 1000
SEEDS = [pytest.param(seed, marks=[] if seed == 1 else [pytest.mark.long]) for seed in range(1, 11)]


def _hung_up(pbx: Pbx) -> None:
    pbx.hang_up_all()
    until_over(pbx.placed, 40)


@pytest.mark.parametrize("region", REGIONS)
def test_O3_of_1000_calls_at_once_100_are_accepted(crowd: Carrier, region: str) -> None:
    pbx = crowd.pbx(region)
    dialled = crowd.subscriber(answers(0.2, ring=0.05))
    for count in (MANY, LIMIT):
        calls = pbx.call_many([dialled] * count, caller=pbx.login.username)
        until_decided(calls, count, 60)
        assert codes(calls) == ({200: LIMIT, 503: count - LIMIT} if count > LIMIT else {200: LIMIT})
        assert all(call.retry_after for call in calls if call.code == 503)
        assert crowd.tally[region].highests[pbx.login.username] == LIMIT
        until(lambda: crowd.channels(region) == LIMIT, 5, "the counter is at the limit")
        _hung_up(pbx)
        crowd.until_free(region)


@pytest.mark.parametrize("seed", SEEDS)
def test_O3_stays_exact_while_the_region_is_killed(crowd: Carrier, figures: Figures, seed: int) -> None:
    """Half of the calls ring, half were answered within the last second; then they end from both sides."""
    region = REGIONS[seed % 2]
    pbx = crowd.pbx(region)
    core, tally, user = crowd.cores[region], crowd.tally[region], pbx.login.username
    ringing, quick = crowd.subscriber(rings()), crowd.subscriber(answers(0.3))
    before = len(core.calls)
    calls = pbx.call_many([ringing, quick] * (MANY // 2), caller=user)
    until(lambda: sum(call.code == 200 for call in calls) >= LIMIT // 4, 30, "some are answered")
    crowd.kill_region(region)
    figures.measured("calls in the core when its gateway was back", tally.counts[user])
    more = pbx.call_many([quick] * 200, caller=user)
    until_decided(more, 200, 60)
    assert tally.highests[user] <= LIMIT
    for call in core.calls[before:]:
        if call.talking and hash(call.invite.one("Call-ID")) % 2:
            call.hang_up()
    _hung_up(pbx)
    core.hang_up_all()
    assert tally.highests[user] <= LIMIT
    crowd.until_free(region)
    assert tally.counts[user] == 0
    again = pbx.call_many([quick] * (LIMIT + 1), caller=user)
    until_decided(again, LIMIT + 1, 60)
    assert codes(again) == {200: LIMIT, 503: 1}
    _hung_up(pbx)
    crowd.until_free(region)
