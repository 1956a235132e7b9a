"""The files that the service writes for Kamailio's uac, loaded by Kamailio as they are."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.calls.carrier import Carrier
from tests.sip.core import Core
from tests.sip.network import Network
from tests.sip.target import Binding, Credential
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.stacks.domains import REGIONS, published, with_settings
from tests.stacks.trunk import KamailioTrunk

Start = Callable[[str | None], tuple[KamailioTrunk, Credential, Core]]


@pytest.fixture(scope="module")
def carrier(turnpike: Turnpike, network: Network) -> Iterator[Carrier]:
    with closing(Carrier(turnpike, network)) as carrier:
        yield carrier


@pytest.fixture
def start(turnpike: Turnpike, network: Network, tmp_path: Path) -> Iterator[Start]:
    """Starts a Kamailio with the settings of a new credential, and a PBX behind it."""
    with ExitStack() as stack:

        def starter(domain: str | None) -> tuple[KamailioTrunk, Credential, Core]:
            server = stack.enter_context(published(turnpike, network, domain)) if domain else None
            credential, files = with_settings(turnpike, "kamailio", domain)
            inside = stack.enter_context(closing(network.core()))
            trunk = KamailioTrunk(tmp_path, network.address(), (inside.address, inside.port), files, server)
            trunk.start()
            stack.callback(trunk.stop)
            return trunk, credential, inside

        yield starter


def bound(service: Turnpike, credential: Credential) -> dict[str, Binding]:
    """By region, when it is registered in both."""
    until(lambda: len(service.bindings(credential)) == 2, 25, "it registers in both regions")
    return {row.region: row for row in service.bindings(credential)}


@pytest.mark.parametrize("domain", [None, "kamailio-settings.example.net"])
def test_I3_kamailio_registers_calls_and_is_called_in_both_regions(
    turnpike: Turnpike, carrier: Carrier, start: Start, domain: str | None
) -> None:
    trunk, credential, inside = start(domain)
    bindings = bound(turnpike, credential)
    assert set(bindings) == set(REGIONS)
    assert {binding.address for binding in bindings.values()} == {trunk.address[0]}
    number = carrier.number(credential.username)
    for region, gateway in zip(REGIONS, turnpike.regions, strict=True):
        call = carrier.cores[region].call(gateway, number)
        call.until_answered()
        assert inside.calls[-1].invite.start.startswith(f"INVITE sip:{number}@")
        call.hang_up()
        call.until_gone()


def test_O3_kamailio_takes_the_region_that_has_room(turnpike: Turnpike, carrier: Carrier, start: Start) -> None:
    """Three calls at once: each region takes one (O2), and refuses the third. Kamailio makes 500 of the 503."""
    trunk, credential, inside = start(None)
    bound(turnpike, credential)
    calls = [inside.call(trunk.address, carrier.subscriber()) for _ in range(3)]
    until(lambda: sum(core.in_progress for core in carrier.cores.values()) == 2, 10, "two calls are in progress")
    assert [core.in_progress for core in carrier.cores.values()] == [1, 1]
    refused = until(lambda: [call for call in calls if call.code == 500], 10, "the third is refused")
    assert len(refused) == 1
    for call in calls:
        if call not in refused:
            call.hang_up()
            call.until_gone()
