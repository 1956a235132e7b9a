"""The file that the service writes for Asterisk, loaded by Asterisk 22 as it is."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.calls.carrier import Carrier
from tests.clients.asterisk import Asterisk
from tests.clients.configuration import HOLD
from tests.clients.making import REGIONS, asterisk, until_registered, until_renewed
from tests.sip.network import Network
from tests.sip.turnpike import Turnpike
from tests.sip.waiting import until
from tests.stacks.domains import published, with_settings

DOMAIN = "asterisk-settings.example.net"


@pytest.fixture
def carrier(limits: Turnpike, network: Network) -> Iterator[Carrier]:
    with closing(Carrier(limits, network)) as carrier:
        yield carrier


@contextmanager
def set_up(service: Turnpike, network: Network, domain: str | None, server: str) -> Iterator[Asterisk]:
    credential, files = with_settings(service, "asterisk", domain)
    with asterisk(service, network, credential, server, files) as pbx:
        service.settled()
        until_registered(service, pbx)
        yield pbx


def check_understood(pbx: Asterisk) -> None:
    """What Asterisk says of an option or a section that it cannot use."""
    assert not pbx.said("Could not find option")
    assert not pbx.said("Could not create an object")


def check_calls_in(carrier: Carrier, pbx: Asterisk) -> None:
    for region, gateway in zip(REGIONS, carrier.service.regions, strict=True):
        call = carrier.cores[region].call(gateway, pbx.number)
        call.until_answered()
        assert pbx.talking() == 1
        call.hang_up()
        call.until_gone()
        pbx.wait_left()


def check_calls_out(carrier: Carrier, pbx: Asterisk, trunks: list[str]) -> None:
    """One through each trunk; together they are in progress in both regions."""
    numbers = [carrier.subscriber() for _ in trunks]
    for number, trunk in zip(numbers, trunks, strict=True):
        pbx.call(number, trunk, HOLD)
    until(lambda: [core.in_progress for core in carrier.cores.values()] == [1, 1], 10, "a call in each region")
    pbx.hang_up()
    for region in REGIONS:
        carrier.until_free(region)


def test_I3_asterisk_registers_calls_and_is_called_by_names(
    limits: Turnpike, network: Network, carrier: Carrier
) -> None:
    """Calls out by SRV: of two at once the second meets O2 in the region of the first, or has the other by chance."""
    with published(limits, network, DOMAIN) as server, set_up(limits, network, DOMAIN, server) as pbx:
        check_calls_in(carrier, pbx)
        check_calls_out(carrier, pbx, ["trunk", "trunk"])
        until_renewed(limits, pbx, 15)
        check_understood(pbx)


def test_I3_asterisk_registers_calls_and_is_called_by_addresses(
    limits: Turnpike, network: Network, carrier: Carrier
) -> None:
    with set_up(limits, network, None, "127.0.0.1") as pbx:
        check_calls_in(carrier, pbx)
        check_calls_out(carrier, pbx, [f"trunk-{region}" for region in REGIONS])
        until_renewed(limits, pbx, 15)
        check_understood(pbx)


def test_I4_asterisk_knows_its_trunk_when_names_could_not_be_looked_up(
    limits: Turnpike, network: Network, carrier: Carrier
) -> None:
    """Its identify section is good for nothing then; the parameter `line` of its Contact tells it whose call it is."""
    with published(limits, network, DOMAIN) as server:
        credential, files = with_settings(limits, "asterisk", DOMAIN)
        lost = {name: text.replace("\nmatch=", "\nmatch=nowhere.") for name, text in files.items()}
        assert lost != files
        with asterisk(limits, network, credential, server, lost) as pbx:
            limits.settled()
            until_registered(limits, pbx)
            check_calls_in(carrier, pbx)
