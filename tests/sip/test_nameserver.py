"""The name server of the tests, and the PBX that follows RFC 3263."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.sip.caller import codes, until_decided, until_over
from tests.sip.nameserver import Locator, NameServer
from tests.sip.network import Network
from tests.sip.scripts import answers, refuses

ONE, TWO = ("127.0.0.1", 5060), ("127.0.0.2", 5062)
NAME = "reg.example.net"


@pytest.fixture
def nameserver(network: Network) -> Iterator[NameServer]:
    server = NameServer((network.address(), 53))
    server.publish("example.net", {"nw1": ONE, "se1": TWO})
    yield server
    server.close()


@pytest.fixture
def locator(nameserver: NameServer) -> Locator:
    return Locator((nameserver.address, nameserver.port), seed=7)


def test_both_regions_are_found_and_come_first_equally_often(nameserver: NameServer, locator: Locator) -> None:
    orders = [locator.targets(NAME) for _ in range(200)]
    assert {frozenset(order) for order in orders} == {frozenset({ONE, TWO})}
    firsts = Counter(order[0] for order in orders)
    assert 70 <= firsts[ONE] <= 130
    assert len(nameserver.asked) == 3, "answers are remembered for their TTL"


def test_a_region_that_drains_is_found_no_more(nameserver: NameServer, locator: Locator) -> None:
    nameserver.publish("example.net", {"se1": TWO})
    assert locator.targets(NAME) == [TWO]


def test_a_domain_that_does_not_exist(locator: Locator) -> None:
    with pytest.raises(LookupError):
        locator.targets("reg.example.org")


def test_after_a_503_the_pbx_tries_the_next(nameserver: NameServer, locator: Locator, network: Network) -> None:
    full, free = network.core(script=refuses(503, headers=(("Retry-After", "1"),))), network.core(script=answers())
    nameserver.publish("example.net", {"nw1": (full.address, 5060), "se1": (free.address, 5060)})
    pbx = network.pbx([], locator=locator)
    calls = pbx.call_many(["+12125550123"] * 50)
    until_decided(calls, 50, 10)
    assert codes(calls) == {200: 50}
    assert len(free.calls) == 50
    assert 10 <= len(full.calls) <= 40
    assert sum(len(call.refusals) for call in calls) == len(full.calls)
    pbx.hang_up_all()
    until_over(calls, 10)
    for end in (full, free, pbx):
        end.close()


def test_when_all_are_full_the_last_503_is_final(nameserver: NameServer, locator: Locator, network: Network) -> None:
    cores = [network.core(script=refuses(503)) for _ in range(2)]
    nameserver.publish("example.net", {str(number): (core.address, 5060) for number, core in enumerate(cores)})
    pbx = network.pbx([], locator=locator)
    call = pbx.call()
    call.until_ended()
    assert (call.code, len(call.refusals)) == (503, 2)
    for end in (*cores, pbx):
        end.close()
