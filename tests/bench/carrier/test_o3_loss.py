"""The rival under the tests of tests/calls/test_o3_loss.py."""

from collections.abc import Iterator

import pytest

from tests.bench.carrier.conftest import AT_ONCE
from tests.bench.carrier.rival import carrier_of
from tests.calls.carrier import Carrier
from tests.calls.test_o3_loss import *  # noqa: F403
from tests.calls.test_o3_loss import LOSS
from tests.sip.network import Network


@pytest.fixture(scope="module")
def lossy(network: Network) -> Iterator[Carrier]:
    yield from carrier_of("127.0.15.105", network, AT_ONCE, loss=LOSS, seed=1)
