"""The fixtures of tests/calls, with the native rival in the product's place."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from kemi.region import Limits
from tests.bench.carrier.rival import carrier_of
from tests.calls.carrier import Carrier
from tests.sip.network import Network

AT_ONCE = replace(Limits(), call_interval=0)


@pytest.fixture(scope="session")
def carrier(network: Network) -> Iterator[Carrier]:
    yield from carrier_of("127.0.15.103", network, Limits())


@pytest.fixture(scope="session")
def crowd(network: Network) -> Iterator[Carrier]:
    yield from carrier_of("127.0.15.104", network, AT_ONCE)
