"""An instance with nw1 and se1, and a third region that is added to it while it runs."""

from collections.abc import Iterator

import pytest

from tests.calls.carrier import Carrier
from tests.conftest import running
from tests.faults.outages import Outages
from tests.regions.host import RegionHost
from tests.regions.third import Third
from tests.sip.network import Network

LIMITS = {"interval": 1, "granted": 30, "call_interval": 0}


@pytest.fixture(scope="package")
def growing(network: Network) -> Iterator[Carrier]:
    """Under TEST LIMITS: bindings end within half a minute."""
    for service in running("regions", LIMITS):
        carrier = Carrier(service, network)
        yield carrier
        carrier.close()


@pytest.fixture
def host(growing: Carrier) -> Iterator[RegionHost]:
    """One that is not enrolled yet."""
    host = RegionHost(growing.service.instance)
    yield host
    host.stop()


@pytest.fixture(scope="module")
def third(growing: Carrier) -> Iterator[Third]:
    """eu1 is in service."""
    host = RegionHost(growing.service.instance)
    try:
        third = Third(growing, host)
        third.begin()
        yield third
    finally:
        host.stop()


@pytest.fixture
def outages(growing: Carrier) -> Iterator[Outages]:
    outages = Outages(growing.service)
    yield outages
    outages.end()
