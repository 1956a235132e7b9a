"""An instance of its own, since its regions are started anew again and again."""

from collections.abc import Iterator

import pytest

from tests.applying.host import Host
from tests.applying.talk import Talk
from tests.calls.carrier import Carrier
from tests.conftest import running
from tests.sip.network import Network


@pytest.fixture(scope="package")
def carrier(network: Network) -> Iterator[Carrier]:
    for service in running("apply"):
        carrier = Carrier(service, network)
        yield carrier
        carrier.close()


@pytest.fixture
def host(carrier: Carrier) -> Host:
    """Region nw1, in which nothing is under way."""
    host = Host(carrier.service)
    host.is_tidy()
    return host


@pytest.fixture
def talk(carrier: Carrier, host: Host) -> Iterator[Talk]:
    """Calls in progress; they go on whatever the test has done."""
    assert host.name
    talk = Talk(carrier)
    yield talk
    talk.goes_on()
