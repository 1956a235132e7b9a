"""Asterisks that start and stop with a test."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from tests.clients.asterisk import Asterisk
from tests.clients.making import REGIONS, asterisk
from tests.conftest import TEST_LIMITS, running
from tests.sip.network import Network
from tests.sip.target import Credential
from tests.sip.turnpike import Turnpike
from tests.stacks.pjsua import PjsuaCore
from tests.stacks.speech import only_core
from tests.wire.conftest import early_scenarios, outcome

__all__ = ["early_scenarios", "outcome"]


class Start(Protocol):
    """Starts an Asterisk at a fresh address: of a new credential with a number, unless told otherwise."""

    def __call__(
        self, service: Turnpike, credential: Credential | None = None, name_server: str = "127.0.0.1"
    ) -> Asterisk: ...


@pytest.fixture(scope="session")
def limits() -> Iterator[Turnpike]:
    """TEST LIMITS: two channels besides, so that the third call is refused."""
    yield from running("clients", {**TEST_LIMITS, "channels": 2})


@pytest.fixture
def start(network: Network) -> Iterator[Start]:
    with ExitStack() as stack:

        def starter(
            service: Turnpike, credential: Credential | None = None, name_server: str = "127.0.0.1"
        ) -> Asterisk:
            return stack.enter_context(asterisk(service, network, credential, name_server))

        yield starter


@pytest.fixture
def cores(turnpike: Turnpike, network: Network, tmp_path: Path) -> Iterator[Mapping[str, PjsuaCore]]:
    """By region, on the instance that has the limits that ship."""
    with ExitStack() as stack:
        yield {
            region: stack.enter_context(only_core(turnpike, region, (network.address(), 5060), tmp_path))
            for region in REGIONS
        }
