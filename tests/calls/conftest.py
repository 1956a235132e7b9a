"""Two instances that take calls: one as it ships, one without O2's pace, for what needs many calls at once."""

from collections.abc import Iterator

import pytest

from tests.calls.carrier import Carrier
from tests.conftest import running
from tests.sip.network import Network


@pytest.fixture(scope="package")
def carrier(network: Network) -> Iterator[Carrier]:
    """With the limits that ship."""
    for service in running("calls"):
        carrier = Carrier(service, network)
        yield carrier
        carrier.close()


@pytest.fixture(scope="package")
def crowd(network: Network) -> Iterator[Carrier]:
    """TEST LIMITS: O2 is off."""
    for service in running("crowd", {"call_interval": 0}):
        carrier = Carrier(service, network)
        yield carrier
        carrier.close()
