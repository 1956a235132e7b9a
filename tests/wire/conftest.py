"""Phones at the gateway under test, and scenarios that begin early because a clock must run out."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any, Protocol

import pytest

from tests.sip.network import Network
from tests.sip.phone import Phone
from tests.sip.target import Credential, Target
from tests.wire.early import Begun, begun


class Pbx(Protocol):
    """Makes a PBX: of a new credential, at a fresh address, in the first region, unless told otherwise."""

    def __call__(
        self,
        credential: Credential | None = None,
        region: int = 0,
        source: str | None = None,
        user_agent: str | None = "Asterisk PBX 20.5.0",
    ) -> Phone: ...


def maker(target: Target, network: Network) -> Pbx:
    def pbx(
        credential: Credential | None = None,
        region: int = 0,
        source: str | None = None,
        user_agent: str | None = "Asterisk PBX 20.5.0",
    ) -> Phone:
        login = (credential or target.new_credential()).login
        return network.phone(target.regions[region], login, source, user_agent=user_agent)

    return pbx


@pytest.fixture
def pbx(target: Target, network: Network) -> Pbx:
    return maker(target, network)


@pytest.fixture
def limits_pbx(limits_target: Target, network: Network) -> Pbx:
    return maker(limits_target, network)


@pytest.fixture
def credential(target: Target) -> Credential:
    return target.new_credential()


@pytest.fixture
def limits_credential(limits_target: Target) -> Credential:
    return limits_target.new_credential()


@pytest.fixture
def stranger(target: Target, network: Network) -> Phone:
    """Somebody without a credential."""
    return network.phone(target.regions[0])


@pytest.fixture(scope="session", autouse=True)
def early_scenarios(request: pytest.FixtureRequest) -> Iterator[Begun]:
    """Start, before the first test, the scenarios of `@early(scenario)`; their tests come at the end."""

    def prepare(given: str) -> tuple[Target, Network]:
        return request.getfixturevalue(given), request.getfixturevalue("network")

    with ExitStack() as stack:
        scenarios: Begun = {}
        for given in ("target", "limits_target"):
            scenarios |= stack.enter_context(begun(request.session.items, given, partial(prepare, given)))
        yield scenarios


@pytest.fixture
def outcome(request: pytest.FixtureRequest, early_scenarios: Begun) -> Any:
    """What this test's early scenario returned."""
    return early_scenarios[request.node.nodeid].result(timeout=1200)
