"""O3 while a third of all packets are lost between PBX and gateway, and between gateway and core."""

from collections.abc import Iterator

import pytest

from tests.calls.carrier import REGIONS, Carrier
from tests.conftest import running
from tests.sip.caller import codes, until_decided
from tests.sip.figures import Figures
from tests.sip.network import Network
from tests.sip.scripts import answers
from tests.sip.waiting import until

LIMIT = 100
LOSS = 0.3
SEEDS = [pytest.param(seed, marks=[] if seed == 1 else [pytest.mark.long]) for seed in range(1, 11)]


@pytest.fixture(scope="module")
def lossy(network: Network) -> Iterator[Carrier]:
    for service in running("loss", {"call_interval": 0}):
        carrier = Carrier(service, network, loss=LOSS, seed=1)
        yield carrier
        carrier.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_O3_stays_exact_while_packets_are_lost(lossy: Carrier, figures: Figures, seed: int) -> None:
    region = REGIONS[seed % 2]
    pbx = lossy.pbx(region, loss=LOSS, seed=seed)
    core, tally, user = lossy.cores[region], lossy.tally[region], pbx.login.username
    calls = pbx.call_many([lossy.subscriber(answers(0.3, hold=5))] * 300, caller=user, patience=30)
    until_decided(calls, 300, 120)
    figures.measured(f"final codes with {LOSS:.0%} of packets lost (0: none)", codes(calls))
    assert tally.highests[user] <= LIMIT
    pbx.hang_up_all()
    until(lambda: tally.counts[user] == 0, 120, "the core has no call any more")
    lossy.until_free(region, 40)
    assert tally.highests[user] <= LIMIT
    assert core.in_progress == 0
